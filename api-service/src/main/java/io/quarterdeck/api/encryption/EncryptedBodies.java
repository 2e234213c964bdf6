package io.quarterdeck.api.encryption;

import io.quarterdeck.api.settings.FileBacked;
import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.model.GroupResource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Seals and opens bodies as a configuration file says. A changed file is taken over within seconds; one that cannot be read
 * leaves the former rules in force. Thread-safe.
 */
final class EncryptedBodies implements BodySeal {

    private static final byte[] ANY_PREFIX = "k8s:enc:".getBytes(StandardCharsets.UTF_8);

    private final FileBacked<Providers> configured;

    private record Providers(EncryptionRules rules, Map<GroupResource, List<Transformer>> known) {}

    EncryptedBodies(Path file, InstantSource clock) {
        this.configured = new FileBacked<>(
                "The encryption configuration",
                List.of(file),
                () -> new Providers(EncryptionRules.read(file), new ConcurrentHashMap<>()),
                clock);
    }

    private List<Transformer> providers(GroupResource storage) {
        Providers now = configured.get();
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
        return configured.current().generation();
    }
}
