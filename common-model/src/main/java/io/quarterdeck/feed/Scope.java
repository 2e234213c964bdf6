package io.quarterdeck.feed;

import java.util.Optional;

/** Which objects of a kind are followed. The selectors are in the API's own syntax. */
public record Scope(Optional<String> namespace, Optional<String> fieldSelector, Optional<String> labelSelector) {

    public static final Scope ALL = new Scope(Optional.empty(), Optional.empty(), Optional.empty());

    public static Scope fields(String fieldSelector) {
        return new Scope(Optional.empty(), Optional.of(fieldSelector), Optional.empty());
    }

    public boolean everything() {
        return equals(ALL);
    }

    String describe() {
        return namespace.map(name -> "namespace " + name + " ").orElse("")
                + fieldSelector.orElse("")
                + labelSelector.orElse("");
    }
}
