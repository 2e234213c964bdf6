package io.quarterdeck.standalone.manifests;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A kind in a version that is no longer the one to use, or no longer served.
 *
 * @param until the Kubernetes release that no longer serves it; empty when it is served still
 * @param apiVersion what to use today; empty when there is nothing like it any more
 * @param changes what a file needs beside the new words
 */
record RetiredKind(
        String oldApiVersion, String oldKind, String until, String apiVersion, String kind, List<Change> changes) {

    /**
     * Something to change in a file.
     *
     * @param when {@code always}, {@code present} or {@code missing}
     * @param path dotted, {@code []} for each item of a list; empty with {@code always}
     */
    record Change(String when, String path, String text) {

        boolean concerns(Map<?, ?> object) {
            return switch (when) {
                case "present" -> stands(object, path);
                case "missing" -> !stands(object, path);
                default -> true;
            };
        }

        private static boolean stands(Object value, String path) {
            if (path.isEmpty()) {
                return value != null;
            }
            int dot = path.indexOf('.');
            String step = dot < 0 ? path : path.substring(0, dot);
            String rest = dot < 0 ? "" : path.substring(dot + 1);
            boolean each = step.endsWith("[]");
            String name = (each ? step.substring(0, step.length() - 2) : step).replace('\\', '.');
            if (!(value instanceof Map<?, ?> map) || !map.containsKey(name)) {
                return false;
            }
            Object below = map.get(name);
            return each
                    ? below instanceof List<?> list && list.stream().anyMatch(item -> stands(item, rest))
                    : stands(below, rest);
        }
    }

    boolean served() {
        return until.isEmpty();
    }

    Optional<String> today() {
        return apiVersion.isEmpty() ? Optional.empty() : Optional.of(apiVersion + " " + kind);
    }
}
