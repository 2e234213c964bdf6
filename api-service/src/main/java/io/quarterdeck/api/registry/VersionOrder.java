package io.quarterdeck.api.registry;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which version of a group is better: stable before beta before alpha, higher before lower, anything else last by name.
 * Source: Kubernetes documentation, "Version priority" of custom resources.
 */
public final class VersionOrder {

    public static final Comparator<String> BEST_FIRST = VersionOrder::compare;

    private static final Pattern VERSION = Pattern.compile("v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?");

    private VersionOrder() {}

    private static int compare(String a, String b) {
        Matcher left = VERSION.matcher(a);
        Matcher right = VERSION.matcher(b);
        boolean leftMatches = left.matches();
        boolean rightMatches = right.matches();
        if (!leftMatches || !rightMatches) {
            return leftMatches ? -1 : rightMatches ? 1 : a.compareTo(b);
        }
        int stability = Integer.compare(stability(right), stability(left));
        if (stability != 0) {
            return stability;
        }
        int major = Long.compare(Long.parseLong(right.group(1)), Long.parseLong(left.group(1)));
        if (major != 0 || left.group(3) == null) {
            return major;
        }
        return Long.compare(Long.parseLong(right.group(3)), Long.parseLong(left.group(3)));
    }

    private static int stability(Matcher version) {
        String word = version.group(2);
        return word == null ? 2 : word.equals("beta") ? 1 : 0;
    }
}
