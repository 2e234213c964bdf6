package io.quarterdeck.cel;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A semantic version; what follows a plus sign does not count.
 *
 * @param preRelease the parts between dots; empty for a release
 */
record Semver(long major, long minor, long patch, List<String> preRelease) implements Comparable<Semver> {

    private static final Pattern STRICT = Pattern.compile("(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)"
            + "(?:-((?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)(?:\\.(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*))*))?"
            + "(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?");
    private static final Pattern DIGITS = Pattern.compile("\\d+");

    static Optional<Semver> parse(String text) {
        Matcher matcher = STRICT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Semver(
                    Long.parseLong(matcher.group(1)),
                    Long.parseLong(matcher.group(2)),
                    Long.parseLong(matcher.group(3)),
                    matcher.group(4) == null
                            ? List.of()
                            : List.of(matcher.group(4).split("\\."))));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Also with a "v" before it, zeros before numbers, and without its last numbers. */
    static Optional<Semver> parseLoosely(String text) {
        String[] parts = (text.startsWith("v") ? text.substring(1) : text).split("\\.", 3);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = parts[i].replaceFirst("^0+(?=\\d)", "");
        }
        String last = parts[parts.length - 1];
        if (parts.length < 3 && (last.contains("-") || last.contains("+"))) {
            return Optional.empty();
        }
        return parse(String.join(".", parts) + ".0".repeat(3 - parts.length));
    }

    @Override
    public int compareTo(Semver other) {
        int order = Long.compare(major, other.major);
        order = order != 0 ? order : Long.compare(minor, other.minor);
        order = order != 0 ? order : Long.compare(patch, other.patch);
        return order != 0 ? order : comparePreRelease(other);
    }

    private int comparePreRelease(Semver other) {
        if (preRelease.isEmpty() || other.preRelease.isEmpty()) {
            return Boolean.compare(preRelease.isEmpty(), other.preRelease.isEmpty());
        }
        for (int i = 0; i < Math.min(preRelease.size(), other.preRelease.size()); i++) {
            String mine = preRelease.get(i);
            String theirs = other.preRelease.get(i);
            boolean number = DIGITS.matcher(mine).matches();
            boolean otherNumber = DIGITS.matcher(theirs).matches();
            int order = number && otherNumber
                    ? new BigInteger(mine).compareTo(new BigInteger(theirs))
                    : number != otherNumber ? (number ? -1 : 1) : Integer.signum(mine.compareTo(theirs));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(preRelease.size(), other.preRelease.size());
    }
}
