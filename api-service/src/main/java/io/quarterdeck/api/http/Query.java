package io.quarterdeck.api.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The decoded query of a request; repeated parameters keep their order. Immutable. */
public final class Query {

    private final String raw;
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    public Query(@Nullable String raw) {
        this.raw = raw == null ? "" : raw;
        for (String pair : this.raw.split("&")) {
            // Go's reader drops what it cannot read, and says nothing.
            if (!pair.isEmpty() && pair.indexOf(';') < 0) {
                int equals = pair.indexOf('=');
                try {
                    String name = decode(equals < 0 ? pair : pair.substring(0, equals));
                    String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
                    values.computeIfAbsent(name, key -> new ArrayList<>(1)).add(value);
                } catch (IllegalArgumentException badEscape) {
                    continue;
                }
            }
        }
    }

    private static String decode(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** As sent, without the question mark. */
    public String raw() {
        return raw;
    }

    /** The first value, or "". */
    public String first(String name) {
        List<String> all = values.get(name);
        return all == null ? "" : all.getFirst();
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** As Go reads query booleans: absent, "false" and "0" are false, all else is true. */
    public boolean flag(String name) {
        List<String> all = values.get(name);
        if (all == null) {
            return false;
        }
        String value = all.getFirst();
        return !value.equalsIgnoreCase("false") && !value.equals("0");
    }
}
