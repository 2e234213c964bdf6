package io.quarterdeck.node.images;

import java.util.Optional;
import java.util.regex.Pattern;

/** An image's name as Docker reads it. The registry of {@code busybox} is {@code docker.io}. */
public record ImageReference(String name, String registry) {

    private static final Pattern VALID =
            Pattern.compile("(?:(?:localhost|[\\w.-]+\\.[\\w.-]+|[\\w-]+:\\d+|localhost:\\d+|[\\w.-]+:\\d+)/)?"
                    + "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*"
                    + "(?::[\\w][\\w.-]{0,127})?(?:@[A-Za-z][\\w]*:[0-9a-fA-F]{32,})?");
    private static final Pattern ID = Pattern.compile("sha256:[0-9a-f]{64}|[0-9a-f]{64}");

    /** Empty when it is no image's name. A name without tag and digest means {@code latest}. */
    public static Optional<ImageReference> parse(String text) {
        if (ID.matcher(text).matches()) {
            return Optional.of(new ImageReference(text, ""));
        }
        if (!VALID.matcher(text).matches()) {
            return Optional.empty();
        }
        int slash = text.indexOf('/');
        String first = slash < 0 ? "" : text.substring(0, slash);
        boolean named = first.contains(".") || first.contains(":") || "localhost".equals(first);
        String last = text.substring(text.lastIndexOf('/') + 1);
        boolean complete = last.contains(":") || last.contains("@");
        return Optional.of(new ImageReference(complete ? text : text + ":latest", named ? first : "docker.io"));
    }
}
