package io.quarterdeck.cel;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.common.primitives.UnsignedLong;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.values.CelByteString;
import io.quarterdeck.cel.Functions.Function;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Strings, counted in code points, and regular expressions of RE2, which take linear time.
 *
 * <p>Source: cel-spec; cel-go, extension "strings" version 2; Kubernetes documentation: regex library.
 */
final class TextFunctions {

    private static final Cache<String, Pattern> PATTERNS =
            Caffeine.newBuilder().maximumSize(1_000).build();

    private TextFunctions() {}

    static void register(Map<String, Function> all) {
        all.put("startsWith", arguments -> text(arguments[0]).startsWith(text(arguments[1])));
        all.put("endsWith", arguments -> text(arguments[0]).endsWith(text(arguments[1])));
        all.put("contains", arguments -> text(arguments[0]).contains(text(arguments[1])));
        all.put(
                "matches",
                arguments -> pattern(arguments[1]).matcher(text(arguments[0])).find());
        all.put("find", arguments -> find(text(arguments[0]), arguments[1]));
        all.put("findAll", TextFunctions::findAll);
        all.put("charAt", arguments -> charAt(text(arguments[0]), whole(arguments[1])));
        all.put("indexOf", TextFunctions::indexOf);
        all.put("lastIndexOf", TextFunctions::lastIndexOf);
        all.put("lowerAscii", arguments -> ascii(text(arguments[0]), false));
        all.put("upperAscii", arguments -> ascii(text(arguments[0]), true));
        all.put("trim", arguments -> text(arguments[0]).strip());
        all.put("replace", TextFunctions::replace);
        all.put("split", TextFunctions::split);
        all.put("join", TextFunctions::join);
        all.put("substring", TextFunctions::substring);
        all.put("strings.quote", arguments -> quote(text(arguments[0])));
        all.put("format", arguments -> format(text(arguments[0]), ListFunctions.list(arguments[1])));
        all.put(
                "jsonpatch.escapeKey",
                arguments -> text(arguments[0]).replace("~", "~0").replace("/", "~1"));
    }

    static String text(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static int whole(Object value) {
        if (value instanceof Long number) {
            return (int) Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        throw CelEvaluationException.noSuchOverload();
    }

    /** By code points, as Go orders UTF-8. */
    static int compare(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean surrogates = Character.isSurrogate(x) != Character.isSurrogate(y);
                return surrogates ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    private static Pattern pattern(Object regex) {
        String text = text(regex);
        try {
            return Objects.requireNonNull(PATTERNS.get(text, Pattern::compile));
        } catch (PatternSyntaxException e) {
            throw new CelEvaluationException(
                    "error parsing regexp: " + e.getDescription() + ": `" + e.getPattern() + "`");
        }
    }

    /** @return whether RE2 can read it */
    static boolean isRegex(String text) {
        try {
            return PATTERNS.get(text, Pattern::compile) != null;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private static String find(String text, Object regex) {
        Matcher matcher = pattern(regex).matcher(text);
        return matcher.find() ? matcher.group() : "";
    }

    private static List<Object> findAll(Object... arguments) {
        Matcher matcher = pattern(arguments[1]).matcher(text(arguments[0]));
        int most = arguments.length > 2 ? whole(arguments[2]) : -1;
        List<Object> found = new ArrayList<>();
        while ((most < 0 || found.size() < most) && matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String sub(String text, int from, int to) {
        return text.substring(text.offsetByCodePoints(0, from), text.offsetByCodePoints(0, to));
    }

    private static CelEvaluationException outOfRange(int index) {
        return new CelEvaluationException("index out of range: " + index);
    }

    private static String charAt(String text, int index) {
        int length = codePoints(text);
        if (index < 0 || index > length) {
            throw outOfRange(index);
        }
        return index == length ? "" : sub(text, index, index + 1);
    }

    private static Object indexOf(Object... arguments) {
        if (arguments[0] instanceof List<?> list) {
            return ListFunctions.indexOf(list, arguments[1]);
        }
        String text = text(arguments[0]);
        String wanted = text(arguments[1]);
        int from = arguments.length > 2 ? whole(arguments[2]) : 0;
        if (wanted.isEmpty()) {
            return (long) from;
        }
        if (from < 0) {
            throw outOfRange(from);
        }
        if (from >= codePoints(text)) {
            return -1L;
        }
        return inCodePoints(text, text.indexOf(wanted, text.offsetByCodePoints(0, from)));
    }

    private static Object lastIndexOf(Object... arguments) {
        if (arguments[0] instanceof List<?> list) {
            return ListFunctions.lastIndexOf(list, arguments[1]);
        }
        String text = text(arguments[0]);
        String wanted = text(arguments[1]);
        int length = codePoints(text);
        if (arguments.length == 2) {
            return wanted.isEmpty() ? (Object) (long) length : inCodePoints(text, text.lastIndexOf(wanted));
        }
        int from = whole(arguments[2]);
        if (wanted.isEmpty()) {
            return (long) from;
        }
        if (from < 0) {
            throw outOfRange(from);
        }
        int start = from >= length ? text.length() : text.offsetByCodePoints(0, from);
        return inCodePoints(text, text.lastIndexOf(wanted, start));
    }

    private static long inCodePoints(String text, int index) {
        return index < 0 ? -1 : text.codePointCount(0, index);
    }

    private static String ascii(String text, boolean upper) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(c >= 0x80 ? c : upper ? Character.toUpperCase(c) : Character.toLowerCase(c));
        }
        return out.toString();
    }

    private static Object replace(Object... arguments) {
        String text = text(arguments[0]);
        String old = text(arguments[1]);
        String by = text(arguments[2]);
        int most = arguments.length > 3 ? whole(arguments[3]) : -1;
        if (most < 0) {
            return text.replace(old, by);
        }
        StringBuilder out = new StringBuilder();
        int at = 0;
        for (int i = 0; i < most; i++) {
            int found = text.indexOf(old, at);
            if (found < 0) {
                break;
            }
            out.append(text, at, found).append(by);
            at = found + old.length();
            if (old.isEmpty()) {
                if (at == text.length()) {
                    break;
                }
                out.append(text.charAt(at++));
            }
        }
        return out.append(text.substring(at)).toString();
    }

    private static Object split(Object... arguments) {
        String text = text(arguments[0]);
        String separator = text(arguments[1]);
        int most = arguments.length > 2 ? whole(arguments[2]) : -1;
        List<Object> parts = new ArrayList<>();
        if (most == 0) {
            return parts;
        }
        int at = 0;
        while (most < 0 || parts.size() < most - 1) {
            int found = separator.isEmpty()
                    ? (at < text.length() ? text.offsetByCodePoints(at, 1) : -1)
                    : text.indexOf(separator, at);
            if (found < 0 || (separator.isEmpty() && found == text.length())) {
                break;
            }
            parts.add(text.substring(at, found));
            at = found + separator.length();
        }
        if (!(separator.isEmpty() && text.isEmpty())) {
            parts.add(text.substring(at));
        }
        return parts;
    }

    private static Object join(Object... arguments) {
        String separator = arguments.length > 1 ? text(arguments[1]) : "";
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Object element : ListFunctions.list(arguments[0])) {
            if (!first) {
                out.append(separator);
            }
            first = false;
            out.append(text(element));
        }
        return out.toString();
    }

    private static Object substring(Object... arguments) {
        String text = text(arguments[0]);
        int length = codePoints(text);
        int from = whole(arguments[1]);
        int to = arguments.length > 2 ? whole(arguments[2]) : length;
        if (from < 0 || from > length) {
            throw outOfRange(from);
        }
        if (to < 0 || to > length) {
            throw outOfRange(to);
        }
        if (from > to) {
            throw new CelEvaluationException("invalid substring range. start: %d, end: %d".formatted(from, to));
        }
        return sub(text, from, to);
    }

    private static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 11 -> out.append("\\v");
                case '\\' -> out.append("\\\\");
                case '"' -> out.append("\\\"");
                default -> out.appendCodePoint(c);
            }
        });
        return out.append('"').toString();
    }

    /** {@code "%s is %d".format([a, b])}. */
    private static String format(String pattern, List<?> arguments) {
        StringBuilder out = new StringBuilder();
        int next = 0;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            i++;
            if (i >= pattern.length()) {
                throw new CelEvaluationException("unexpected end of format string");
            }
            if (pattern.charAt(i) == '%') {
                out.append('%');
                continue;
            }
            int precision = 6;
            if (pattern.charAt(i) == '.') {
                int start = ++i;
                while (i < pattern.length() && Character.isDigit(pattern.charAt(i))) {
                    i++;
                }
                if (start == i || i >= pattern.length() || i - start > 3) {
                    throw new CelEvaluationException("error while converting precision to integer");
                }
                precision = Integer.parseInt(pattern.substring(start, i));
            }
            if (next >= arguments.size()) {
                throw new CelEvaluationException("index %d out of range".formatted(next));
            }
            out.append(clause(pattern.charAt(i), precision, arguments.get(next++)));
        }
        return out.toString();
    }

    private static String clause(char verb, int precision, Object value) {
        return switch (verb) {
            case 's' -> shown(value);
            case 'd' -> decimal(value);
            case 'f' -> floating(value, precision, verb);
            case 'e' -> floating(value, precision, verb);
            case 'b' -> value instanceof Boolean bool ? (bool ? "1" : "0") : radix(value, 2);
            case 'o' -> radix(value, 8);
            case 'x' -> hex(value);
            case 'X' -> hex(value).toUpperCase(Locale.ROOT);
            default -> throw new CelEvaluationException("unrecognized formatting clause \"%c\"".formatted(verb));
        };
    }

    private static String shown(Object value) {
        return switch (value) {
            case List<?> list -> {
                List<String> parts = new ArrayList<>();
                list.forEach(element -> parts.add(shown(element)));
                yield "[" + String.join(", ", parts) + "]";
            }
            case Map<?, ?> map -> {
                Map<String, String> parts = new TreeMap<>();
                map.forEach((key, element) -> parts.put(shown(key), shown(element)));
                List<String> entries = new ArrayList<>();
                parts.forEach((key, element) -> entries.add(key + ": " + element));
                yield "{" + String.join(", ", entries) + "}";
            }
            default -> value.equals(CelValues.NULL) ? "null" : Conversions.text(value);
        };
    }

    private static String decimal(Object value) {
        if (value instanceof Long || value instanceof UnsignedLong) {
            return value.toString();
        }
        if (value instanceof Double number && (number.isNaN() || number.isInfinite())) {
            return number.isNaN() ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        }
        throw new CelEvaluationException(
                "decimal clause can only be used on integers, was given " + Conversions.typeName(value));
    }

    private static String floating(Object value, int precision, char verb) {
        double number = Conversions.floating(value);
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return Double.isNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        }
        return verb == 'f'
                ? new BigDecimal(number)
                        .setScale(precision, RoundingMode.HALF_EVEN)
                        .toPlainString()
                : String.format(Locale.ROOT, "%." + precision + "e", number);
    }

    private static String radix(Object value, int radix) {
        return switch (value) {
            case Long number -> Long.toString(number, radix);
            case UnsignedLong number -> number.toString(radix);
            default ->
                throw new CelEvaluationException(
                        "only integers can be formatted this way, was given " + Conversions.typeName(value));
        };
    }

    private static String hex(Object value) {
        byte[] bytes = switch (value) {
            case String text -> CelByteString.copyFromUtf8(text).toByteArray();
            case CelByteString given -> given.toByteArray();
            default -> null;
        };
        return bytes == null ? radix(value, 16) : HexFormat.of().formatHex(bytes);
    }
}
