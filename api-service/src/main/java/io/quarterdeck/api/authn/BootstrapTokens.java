package io.quarterdeck.api.authn;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tokens by which a new node makes itself known: Secrets {@code bootstrap-token-ID} of kube-system. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Authenticating with Bootstrap Tokens".
 */
final class BootstrapTokens implements TokenVerifier {

    private static final GroupResource SECRETS = new GroupResource("", "secrets");
    private static final Pattern TOKEN = Pattern.compile("([a-z0-9]{6})\\.([a-z0-9]{16})");
    private static final Pattern GROUP = Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");
    private static final String BOOTSTRAPPERS = "system:bootstrappers";

    private final CachedObjects objects;
    private final InstantSource clock;

    BootstrapTokens(CachedObjects objects, InstantSource clock) {
        this.objects = objects;
        this.clock = clock;
    }

    @Override
    public Optional<Verified> judge(String token, List<String> audiences) {
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String id = parts.group(1);
        return objects.known(SECRETS, ObjectKey.namespaced("kube-system", "bootstrap-token-" + id))
                .filter(secret -> believed(secret, id, parts.group(2)))
                .flatMap(secret -> groups(secret)
                        .map(groups ->
                                new Verified(new User("system:bootstrap:" + id, "", groups, Map.of()), audiences)));
    }

    private boolean believed(Document secret, String id, String shared) {
        return !secret.deleting()
                && secret.text("type").equals("bootstrap.kubernetes.io/token")
                && value(secret, "token-id").equals(id)
                && MessageDigest.isEqual(
                        value(secret, "token-secret").getBytes(StandardCharsets.UTF_8),
                        shared.getBytes(StandardCharsets.UTF_8))
                && value(secret, "usage-bootstrap-authentication").equals("true")
                && !expired(value(secret, "expiration"));
    }

    private boolean expired(String until) {
        try {
            return !until.isEmpty() && !clock.instant().isBefore(Instant.parse(until));
        } catch (DateTimeParseException unclear) {
            return true;
        }
    }

    /** Empty when one of the groups is none that a bootstrap token may give. */
    private static Optional<List<String>> groups(Document secret) {
        List<String> groups = new ArrayList<>(List.of(BOOTSTRAPPERS));
        for (String group : value(secret, "auth-extra-groups").split(",")) {
            String name = group.strip();
            if (!name.isEmpty()) {
                if (!GROUP.matcher(name).matches()) {
                    return Optional.empty();
                }
                groups.add(name);
            }
        }
        return Optional.of(groups);
    }

    private static String value(Document secret, String key) {
        String encoded = secret.tree().path("data").path(key).asString("");
        try {
            return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return "";
        }
    }
}
