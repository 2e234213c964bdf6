package io.quarterdeck.api.store.postgres;

import org.jspecify.annotations.Nullable;

/** Text that PostgreSQL can hold: without U+0000 and without half a surrogate pair, and not too long. */
final class StoredText {

    private static final int LONGEST = 1_024;
    private static final char REPLACEMENT = '\uFFFD';

    private StoredText() {}

    static boolean isStorable(String text) {
        return text.length() <= LONGEST && clean(text).equals(text);
    }

    static String bounded(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String cut = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        return clean(cut);
    }

    private static String clean(String text) {
        StringBuilder changed = null;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            boolean pair = Character.isHighSurrogate(unit)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
            } else if (unit == 0 || Character.isSurrogate(unit)) {
                changed = changed == null ? new StringBuilder(text) : changed;
                changed.setCharAt(i, REPLACEMENT);
            }
        }
        return changed == null ? text : changed.toString();
    }
}
