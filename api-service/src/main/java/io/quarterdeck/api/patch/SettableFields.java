package io.quarterdeck.api.patch;

import java.util.Arrays;
import java.util.List;

/**
 * The fields that a request to some place can set, whatever else it says: nobody comes to own others by it. Immutable.
 *
 * <p>Source: structured-merge-diff's filters, which upstream's strategies give by their GetResetFields.
 */
public final class SettableFields {

    public static final SettableFields ALL = new SettableFields(List.of());

    private final List<List<String>> others;

    private SettableFields(List<List<String>> others) {
        this.others = others;
    }

    /**
     * All but these and what is below them.
     *
     * @param paths field names joined by dots
     */
    public static SettableFields allBut(String... paths) {
        return new SettableFields(Arrays.stream(paths)
                .map(path -> Arrays.stream(path.split("\\."))
                        .map(name -> "f:" + name)
                        .toList())
                .toList());
    }

    FieldSet of(FieldSet fields) {
        return fields.without(others);
    }
}
