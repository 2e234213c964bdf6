package io.quarterdeck.api.schema;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes Go type names as Go's reflection prints them: package by its last segment only. */
final class GoTypes {

    private static final Pattern QUALIFIED = Pattern.compile("[A-Za-z][\\w-]*(?:\\.[\\w-]+)+");

    private GoTypes() {}

    static String shortName(String qualified) {
        int last = qualified.lastIndexOf('.');
        return last < 0 ? qualified : qualified.substring(qualified.lastIndexOf('.', last - 1) + 1);
    }

    static String shortType(String type) {
        Matcher matcher = QUALIFIED.matcher(type);
        return matcher.find() ? matcher.replaceAll(match -> shortName(match.group())) : type;
    }
}
