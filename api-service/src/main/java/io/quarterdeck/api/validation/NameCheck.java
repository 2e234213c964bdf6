package io.quarterdeck.api.validation;

import java.util.List;

/** Which names a kind allows. */
@FunctionalInterface
public interface NameCheck {

    /**
     * The problems of a name, in upstream's words.
     *
     * @param prefix whether a drawn suffix will follow
     */
    List<String> problems(String name, boolean prefix);
}
