package io.quarterdeck.cel;

import java.util.HashMap;
import java.util.Map;

/**
 * All functions by name. The receiver of a member function is its first argument; which overload is meant follows from the
 * arguments.
 */
final class Functions {

    /** @throws CelEvaluationException for arguments that the function does not take, and when it fails */
    @FunctionalInterface
    interface Function {
        Object apply(Object... arguments);
    }

    private static final Map<String, Function> ALL = new HashMap<>();

    static {
        Operators.register(ALL);
        TextFunctions.register(ALL);
        ListFunctions.register(ALL);
        TimeFunctions.register(ALL);
        LibraryFunctions.register(ALL);
    }

    private Functions() {}

    static Function named(String name) {
        return ALL.getOrDefault(name, arguments -> {
            throw new CelEvaluationException("no such overload: " + name);
        });
    }
}
