package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.model.Formats;
import java.nio.charset.StandardCharsets;

/** What ConfigMaps and Secrets share. */
final class DataRules {

    static final int LIMIT = 1024 * 1024;

    private DataRules() {}

    static void key(String key, Field value) {
        Formats.configKey(key).forEach(problem -> value.invalidValue(key, problem));
    }

    static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** The length of what base64 stands for. */
    static long decoded(String base64) {
        int padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
        return base64.length() / 4L * 3 - padding;
    }

    /** What was made immutable stays as it is. */
    static void frozen(Field object, String... fields) {
        Field immutable = object.at("immutable");
        if (!immutable.old().isBoolean() || !immutable.old().booleanValue()) {
            return;
        }
        if (!immutable.flag()) {
            immutable.forbidden("field is immutable when `immutable` is set");
        }
        for (String field : fields) {
            Field data = object.at(field);
            if (data.changed() && !(data.empty() && data.old().isEmpty())) {
                data.forbidden("field is immutable when `immutable` is set");
            }
        }
    }
}
