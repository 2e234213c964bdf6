package io.quarterdeck.api.http;

import java.io.IOException;
import java.util.Set;

/**
 * Answers paths outside the resource grammar, after authentication and authorization. Found as a bean. Thread-safe.
 */
public interface PathHandler {

    /** Whole paths; one that ends in a slash stands for all below it. */
    Set<String> paths();

    /** Whether anybody may have it, without credentials: static files only. */
    default boolean open() {
        return false;
    }

    void handle(Exchange exchange) throws IOException;
}
