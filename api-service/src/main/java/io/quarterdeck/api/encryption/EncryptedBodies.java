package io.quarterdeck.api.encryption;

import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.model.GroupResource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals and opens bodies as a configuration file says. A changed file is taken over within seconds; one that cannot be read
 * leaves the former rules in force. Thread-safe.
 */
final class EncryptedBodies implements BodySeal {

    private static final Logger LOG = LoggerFactory.getLogger(EncryptedBodies.class);
    private static final Duration CHECK_EVERY = Duration.ofSeconds(5);
    private static final byte[] ANY_PREFIX = "k8s:enc:".getBytes(StandardCharsets.UTF_8);

    private final Path file;
    private final InstantSource clock;
    private volatile State state;

    private record State(
            EncryptionRules rules,
            Map<GroupResource, List<Transformer>> known,
            FileTime modified,
            Instant checked,
            long generation) {}

    EncryptedBodies(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
        this.state = new State(EncryptionRules.read(file), new ConcurrentHashMap<>(), modified(), clock.instant(), 1);
    }

    private State current() {
        State seen = state;
        Instant now = clock.instant();
        return seen.checked().plus(CHECK_EVERY).isAfter(now) ? seen : checked(now);
    }

    private synchronized State checked(Instant now) {
        State seen = state;
        if (seen.checked().plus(CHECK_EVERY).isAfter(now)) {
            return seen;
        }
        FileTime modified = modified();
        State next = new State(seen.rules(), seen.known(), modified, now, seen.generation());
        if (!modified.equals(seen.modified())) {
            try {
                next = new State(
                        EncryptionRules.read(file), new ConcurrentHashMap<>(), modified, now, seen.generation() + 1);
                LOG.info("The encryption configuration was read anew");
            } catch (RuntimeException unreadable) {
                LOG.error(
                        "The encryption configuration changed and cannot be used, the former one stays in force: {}",
                        unreadable.getMessage());
            }
        }
        state = next;
        return next;
    }

    private FileTime modified() {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException absent) {
            return FileTime.fromMillis(0);
        }
    }

    private List<Transformer> providers(GroupResource storage) {
        State now = current();
        return now.known().computeIfAbsent(storage, now.rules()::providers);
    }

    private static byte[] context(StoreKey key) {
        return (key.storage().group() + "/" + key.storage().resource() + "/"
                        + key.key().path())
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] seal(StoreKey key, byte[] body) {
        Transformer first = providers(key.storage()).getFirst();
        byte[] prefix = first.prefix();
        try {
            byte[] sealed = first.seal(body, context(key));
            if (prefix.length == 0) {
                return sealed;
            }
            byte[] kept = Arrays.copyOf(prefix, prefix.length + sealed.length);
            System.arraycopy(sealed, 0, kept, prefix.length, sealed.length);
            return kept;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an object of " + key.storage() + " cannot be sealed", e);
        }
    }

    @Override
    public byte[] open(StoreKey key, byte[] kept) {
        boolean sealed = startsWith(kept, ANY_PREFIX);
        for (Transformer provider : providers(key.storage())) {
            byte[] prefix = provider.prefix();
            if (prefix.length == 0 ? !sealed : startsWith(kept, prefix)) {
                try {
                    return provider.open(Arrays.copyOfRange(kept, prefix.length, kept.length), context(key));
                } catch (GeneralSecurityException e) {
                    throw unreadable(key, "its key does not open it");
                }
            }
        }
        throw unreadable(
                key, sealed ? "no key of that name is configured" : "it is clear, and identity is no provider");
    }

    private static IllegalStateException unreadable(StoreKey key, String why) {
        return new IllegalStateException(
                "%s %s cannot be read: %s".formatted(key.storage(), key.key().path(), why));
    }

    private static boolean startsWith(byte[] bytes, byte[] prefix) {
        return bytes.length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    @Override
    public boolean hides(GroupResource storage) {
        return providers(storage).stream().anyMatch(provider -> provider.prefix().length > 0);
    }

    @Override
    public Wanted wanted(GroupResource storage) {
        byte[] prefix = providers(storage).getFirst().prefix();
        return prefix.length == 0 ? new Wanted(ANY_PREFIX, false) : new Wanted(prefix, true);
    }

    @Override
    public long generation() {
        return current().generation();
    }
}
