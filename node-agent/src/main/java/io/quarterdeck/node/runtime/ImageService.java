package io.quarterdeck.node.runtime;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** The engine's images. Thread-safe; throws {@link RuntimeFailure}. */
public interface ImageService {

    /** By any name or id that the engine understands. */
    Optional<Image> find(String reference);

    List<Image> list();

    /** Fetches from a registry; returns when the image is usable. */
    void pull(String reference, List<RegistryCredentials> credentials);

    void remove(String id);

    /** Loads what {@code docker save} wrote. */
    void load(InputStream archive);

    /** Sizes in bytes. */
    record Image(String id, List<String> tags, List<String> digests, long size, String user) {}

    record RegistryCredentials(String registry, String username, String password) {
        @Override
        public String toString() {
            return registry;
        }
    }
}
