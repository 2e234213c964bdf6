package io.quarterdeck.api.registry;

import java.util.List;

/**
 * A field that a field selector may name.
 *
 * @param label as clients write it: {@code spec.nodeName}
 * @param paths where its value stands in the stored body; the first that is not empty counts
 * @param whenAbsent the value when none stands there, for example {@code false}
 */
public record SelectableField(String label, List<String> paths, String whenAbsent) {

    public static SelectableField of(String path) {
        return new SelectableField(path, List.of(path), "");
    }

    public static SelectableField of(String path, String whenAbsent) {
        return new SelectableField(path, List.of(path), whenAbsent);
    }
}
