package io.quarterdeck.api.encryption;

import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.pki.CertificateFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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
        if (configuration.path("resources").isEmpty()) {
            throw new IllegalArgumentException("resources: Required value: at least one resources is required");
        }
        int number = 0;
        for (JsonNode entry : configuration.path("resources")) {
            String path = "resources[" + number++ + "]";
            ConfigurationFile.requireFields(entry, path, "resources", "providers");
            List<String> resources = ConfigurationFile.strings(entry, "resources");
            if (resources.isEmpty()) {
                throw new IllegalArgumentException(
                        path + ".resources: Required value: at least one " + path + ".resources is required");
            }
            checkNames(resources, path + ".resources");
            List<Transformer> providers = new ArrayList<>();
            int each = 0;
            for (JsonNode provider : entry.path("providers")) {
                providers.addAll(provider(provider, path + ".providers[" + each++ + "]", file));
            }
            if (providers.isEmpty()) {
                throw new IllegalArgumentException(
                        path + ".providers: Required value: at least one " + path + ".providers is required");
            }
            rules.add(new Rule(resources, List.copyOf(providers)));
        }
        return new EncryptionRules(rules);
    }

    private static void checkNames(List<String> resources, String path) {
        for (int i = 0; i < resources.size(); i++) {
            Optional<String> problem = problem(resources.get(i));
            if (problem.isPresent()) {
                throw new IllegalArgumentException(
                        "%s[%d]: Invalid value: \"%s\": %s".formatted(path, i, resources.get(i), problem.get()));
            }
        }
        String shown = resources.stream()
                .map(resource -> '"' + resource + '"')
                .collect(Collectors.joining(",", path + ": Invalid value: [", "]: "));
        if (new HashSet<>(resources).size() < resources.size()) {
            throw new IllegalArgumentException(shown + "the same resource cannot be specified multiple times");
        }
        boolean masked = resources.stream()
                .filter(resource -> resource.startsWith("*."))
                .anyMatch(wild -> resources.stream()
                        .anyMatch(other -> !other.equals(wild)
                                && (wild.equals("*.*") || groupOf(other).equals(wild.substring(2)))));
        if (masked) {
            throw new IllegalArgumentException(
                    shown + "using overlapping resources such as 'secrets' and '*.' in the same resource list is not"
                            + " allowed as they will be masked");
        }
    }

    private static String groupOf(String resource) {
        int dot = resource.indexOf('.');
        return dot < 0 ? "" : resource.substring(dot + 1);
    }

    /** What is wrong with a resource's name. */
    private static Optional<String> problem(String resource) {
        String group = groupOf(resource);
        if (!resource.equals(resource.toLowerCase(Locale.ROOT))) {
            return Optional.of("resource name should not contain capital letters");
        }
        if (resource.equals("*")) {
            return Optional.of(
                    "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources");
        }
        if (Set.of("apiserveripinfo", "serviceipallocations", "servicenodeportallocations")
                .contains(resource)) {
            return Optional.of("resources which do not have REST API/s cannot be encrypted");
        }
        if (group.equals("events.k8s.io")) {
            return Optional.of("'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events'"
                    + " instead in the config file");
        }
        if (group.equals("extensions")) {
            return Optional.of("'extensions' group has been removed and cannot be used for encryption");
        }
        if (group.equals("*") && !resource.equals("*.*")) {
            return Optional.of("encrypting the same resource across groups is not supported");
        }
        return Optional.empty();
    }

    private static List<Transformer> provider(JsonNode provider, String path, Path file) {
        if (provider.isEmpty()) {
            throw new IllegalArgumentException(path
                    + ": Invalid value: {\"AESGCM\":null,\"AESCBC\":null,\"Secretbox\":null,\"Identity\":null,\"KMS\":null}:"
                    + " provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox,"
                    + " Identity");
        }
        if (provider.size() > 1) {
            throw new IllegalArgumentException(path + ": Invalid value: more than one provider specified in a single"
                    + " element, should split into different list elements");
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
        int number = 0;
        for (JsonNode key : settings.path("keys")) {
            ConfigurationFile.requireFields(key, path + "." + name + ".keys", "name", "secret", "secretFile");
            String keyName = key.path("name").asString("");
            String keyPath = "%s.%s.keys[%d]".formatted(path, name, number++);
            if (keyName.isEmpty()) {
                throw new IllegalArgumentException(
                        keyPath + ".name: Required value: name is a mandatory field for a key");
            }
            if (keyName.contains(":") || !names.add(keyName)) {
                throw new IllegalArgumentException(
                        keyPath + ".name: Invalid value: key names are unique and have no colon");
            }
            byte[] secret = secret(key, keyPath, file);
            Set<Integer> sizes = name.equals("aesgcm") || name.equals("aescbc") ? Set.of(16, 24, 32) : Set.of(32);
            if (!sizes.contains(secret.length)) {
                throw new IllegalArgumentException(
                        "%s.secret: Invalid value: \"REDACTED\": secret is not of the expected length, got %d, expected one of %s"
                                .formatted(
                                        keyPath,
                                        secret.length,
                                        sizes.stream()
                                                .sorted()
                                                .map(String::valueOf)
                                                .collect(Collectors.joining(" ", "[", "]"))));
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
                    path + "." + name + ".keys: Required value: at least one keys is required");
        }
        return transformers;
    }

    private static byte[] secret(JsonNode key, String path, Path file) {
        String text = key.path("secret").asString("");
        String secretFile = key.path("secretFile").asString("");
        if (text.isEmpty() && secretFile.isEmpty()) {
            throw new IllegalArgumentException(path + ".secret: Required value: secret is a mandatory field for a key");
        }
        if (!text.isEmpty() && !secretFile.isEmpty()) {
            throw new IllegalArgumentException(path + ".secretFile: Forbidden: the secret is there already");
        }
        try {
            return Base64.getDecoder()
                    .decode((text.isEmpty() ? CertificateFiles.read(file.resolveSibling(secretFile)) : text).strip());
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException(
                    path + ".secret: Invalid value: \"REDACTED\": secrets must be base64 encoded");
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
