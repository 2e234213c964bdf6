package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import java.util.Arrays;

/** Rules about file paths that must stay where they belong. */
final class PathRules {

    private PathRules() {}

    static void noBacksteps(Field path) {
        if (backsteps(path.text())) {
            path.invalid("must not contain '..'");
        }
    }

    static boolean backsteps(String path) {
        return Arrays.asList(path.split("/", -1)).contains("..");
    }

    static void localDescending(Field path) {
        if (path.text().startsWith("/")) {
            path.invalid("must be a relative path");
        }
        noBacksteps(path);
    }

    static void localNonReserved(Field path) {
        localDescending(path);
        if (path.text().startsWith("..") && !backsteps(path.text())) {
            path.invalid("must not start with '..'");
        }
    }

    static void mode(Field mode) {
        if (mode.isNumber() && (mode.number() < 0 || mode.number() > 0777)) {
            mode.invalid("must be a number between 0 and 0777 (octal), both inclusive");
        }
    }
}
