package io.quarterdeck.cel;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the values of variables come from; asked each time that an expression names one. */
@FunctionalInterface
public interface Activation {

    /** @return null for a variable that is not there */
    @Nullable Object find(String variable);

    static Activation of(Map<String, Object> values) {
        return values::get;
    }
}
