package io.quarterdeck.api.encryption;

import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.pki.CertificateFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Which providers, in order, stand for which resources: the first seals, all open. The first entry that names a resource
 * counts. Immutable.
 *
 * <p>Source: API apiserver.config.k8s.io/v1, EncryptionConfiguration. Beyond upstream there is the provider
 * {@code envelope}, and a key may stand in a file of its own ({@code secretFile}, relative to the configuration).
 */
final class EncryptionRules {

    private static final Set<String> VERSIONS = Set.of("apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1");
    private static final List<Transformer> CLEAR = List.of(new Transformers.Identity());

    private record Rule(List<String> resources, List<Transformer> providers) {}

    private final List<Rule> rules;

    private EncryptionRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    static EncryptionRules read(Path file) {
        return of(ConfigurationFile.read(file, "EncryptionConfiguration", VERSIONS), file);
    }

    /**
     * @param file what key files are relative to
     * @throws IllegalArgumentException for what cannot be meant; keys are never quoted
     */
    static EncryptionRules of(JsonNode configuration, Path file) {
        ConfigurationFile.requireFields(configuration, "", "apiVersion", "kind", "resources");
        List<Rule> rules = new ArrayList<>();
        Set<String> named = new HashSet<>();
        if (configuration.path("resources").isEmpty()) {
            throw new IllegalArgumentException("resources: Required value: at least one resource is required");
        }
        int number = 0;
        for (JsonNode entry : configuration.path("resources")) {
            String path = "resources[" + number++ + "]";
            ConfigurationFile.requireFields(entry, path, "resources", "providers");
            List<String> resources = ConfigurationFile.strings(entry, "resources");
            if (resources.isEmpty()) {
                throw new IllegalArgumentException(path + ".resources: Required value: at least one is required");
            }
            for (String resource : resources) {
                if (resource.isEmpty() || (resource.contains("*") && !resource.matches("\\*\\.[^*]*|\\*\\.\\*"))) {
                    throw new IllegalArgumentException(
                            path + ".resources: Invalid value: \"" + resource + "\": no resource and no \"*.<group>\"");
                }
                if (!named.add(resource)) {
                    throw new IllegalArgumentException(
                            path + ".resources: Invalid value: \"" + resource + "\": duplicate resources");
                }
            }
            List<Transformer> providers = new ArrayList<>();
            int each = 0;
            for (JsonNode provider : entry.path("providers")) {
                providers.addAll(provider(provider, path + ".providers[" + each++ + "]", file));
            }
            if (providers.isEmpty()) {
                throw new IllegalArgumentException(path + ".providers: Required value: at least one is required");
            }
            rules.add(new Rule(resources, List.copyOf(providers)));
        }
        return new EncryptionRules(rules);
    }

    private static List<Transformer> provider(JsonNode provider, String path, Path file) {
        if (provider.size() != 1) {
            throw new IllegalArgumentException(
                    path + ": Invalid value: exactly one provider (aesgcm, aescbc, secretbox, envelope or identity) is"
                            + " required");
        }
        String name = provider.propertyNames().iterator().next();
        JsonNode settings = provider.path(name);
        if (name.equals("identity")) {
            return CLEAR;
        }
        if (name.equals("kms")) {
            throw new IllegalArgumentException(path
                    + ".kms: Forbidden: no KMS plugin is supported; envelope keeps the key-encrypting key in a file");
        }
        if (!Set.of("aesgcm", "aescbc", "secretbox", "envelope").contains(name)) {
            throw new IllegalArgumentException("strict decoding error: unknown field \"" + path + "." + name + "\"");
        }
        ConfigurationFile.requireFields(settings, path + "." + name, "keys");
        List<Transformer> transformers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonNode key : settings.path("keys")) {
            ConfigurationFile.requireFields(key, path + "." + name + ".keys", "name", "secret", "secretFile");
            String keyName = key.path("name").asString("");
            if (keyName.isEmpty() || keyName.contains(":") || !names.add(keyName)) {
                throw new IllegalArgumentException(
                        path + "." + name + ".keys: Invalid value: key names are required, unique and have no colon");
            }
            byte[] secret = secret(key, path + "." + name + ".keys[" + keyName + "]", file);
            Set<Integer> sizes = name.equals("aesgcm") || name.equals("aescbc") ? Set.of(16, 24, 32) : Set.of(32);
            if (!sizes.contains(secret.length)) {
                throw new IllegalArgumentException("%s.%s.keys[%s].secret: Invalid value: secret is not of the expected"
                                .formatted(path, name, keyName)
                        + " length, got " + secret.length + ", expected one of "
                        + sizes.stream().sorted().toList());
            }
            byte[] prefix = Transformers.prefix(name, keyName);
            transformers.add(
                    switch (name) {
                        case "aesgcm" -> new Transformers.AesGcm(prefix, secret);
                        case "aescbc" -> new Transformers.AesCbc(prefix, secret);
                        case "secretbox" -> new Transformers.SecretBox(prefix, secret);
                        default -> new Transformers.Envelope(prefix, secret);
                    });
        }
        if (transformers.isEmpty()) {
            throw new IllegalArgumentException(
                    path + "." + name + ".keys: Required value: at least one key is required");
        }
        return transformers;
    }

    private static byte[] secret(JsonNode key, String path, Path file) {
        String text = key.path("secret").asString("");
        String secretFile = key.path("secretFile").asString("");
        if (text.isEmpty() == secretFile.isEmpty()) {
            throw new IllegalArgumentException(path + ": Required value: secret or secretFile, one of both");
        }
        try {
            return Base64.getDecoder()
                    .decode((text.isEmpty() ? CertificateFiles.read(file.resolveSibling(secretFile)) : text).strip());
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException(path + ".secret: Invalid value: secrets must be base64 encoded");
        }
    }

    /** The providers of a storage, the sealing one first. */
    List<Transformer> providers(GroupResource storage) {
        String whole = storage.group().isEmpty() ? storage.resource() : storage.resource() + "." + storage.group();
        for (Rule rule : rules) {
            for (String resource : rule.resources()) {
                if (resource.equals("*.*") || resource.equals(whole) || resource.equals("*." + storage.group())) {
                    return rule.providers();
                }
            }
        }
        return CLEAR;
    }
}
