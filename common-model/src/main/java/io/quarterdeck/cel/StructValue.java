package io.quarterdeck.cel;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An object that an expression made: {@code Object.spec{replicas: 1}}.
 *
 * @param type the name that it was made by
 */
public record StructValue(String type, Map<String, Object> fields) {

    public StructValue {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
}
