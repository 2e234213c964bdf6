package io.quarterdeck.client;

import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.KeyedCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;

/**
 * How one identity reaches one cluster: a cluster, a user and a context of the same name, as kubectl reads them. Files
 * are written whole, at once, and for their owner only (0600). Immutable.
 *
 * <p>Source: Kubernetes reference, "kubeconfig (v1)".
 *
 * @param name of the cluster, the user and the context
 * @param server the API's address, {@code https://127.0.0.1:6443}
 * @param authorityPem what the server's certificate is verified against
 * @param user the user's credentials under kubeconfig's own field names
 */
public record Kubeconfig(String name, String server, String authorityPem, Map<String, Object> user) {

    public Kubeconfig {
        user = Map.copyOf(user);
    }

    public static Kubeconfig withCertificate(
            String name, String server, String authorityPem, KeyedCertificate identity) {
        Map<String, Object> user = new LinkedHashMap<>();
        user.put("client-certificate-data", base64(identity.certificatePem()));
        user.put("client-key-data", base64(identity.clientKeyPem()));
        return new Kubeconfig(name, server, authorityPem, user);
    }

    public static Kubeconfig withToken(String name, String server, String authorityPem, String token) {
        return new Kubeconfig(name, server, authorityPem, Map.of("token", token));
    }

    /** Writes a file that holds this and nothing else. */
    public void write(Path file) {
        Map<String, Object> config = new LinkedHashMap<>();
        addTo(config);
        CertificateFiles.writeSecret(file, dump(config));
    }

    /**
     * Puts this into a file that may hold others' entries, and makes it the current context. Everything of another name
     * stays as it is; the file's former content goes to {@code <file>.bak}. Nothing is written when it is all there.
     *
     * @throws IllegalArgumentException when the file is no kubeconfig; it is then left alone
     */
    public void mergeInto(Path file) {
        Map<String, Object> config = load(file);
        String before = dump(config);
        addTo(config);
        replace(file, before, dump(config));
    }

    /** Takes the entries of this name out of a file, and the current context when it is theirs. */
    public static void remove(Path file, String name) {
        if (!Files.exists(file)) {
            return;
        }
        Map<String, Object> config = load(file);
        String before = dump(config);
        for (String section : List.of("clusters", "contexts", "users")) {
            entries(config, section).removeIf(entry -> named(entry, name));
        }
        if (name.equals(config.get("current-context"))) {
            config.put("current-context", "");
        }
        replace(file, before, dump(config));
    }

    private static void replace(Path file, String before, String after) {
        if (after.equals(before)) {
            return;
        }
        if (Files.exists(file)) {
            CertificateFiles.writeSecret(file.resolveSibling(file.getFileName() + ".bak"), CertificateFiles.read(file));
        }
        CertificateFiles.writeSecret(file, after);
    }

    private void addTo(Map<String, Object> config) {
        config.putIfAbsent("apiVersion", "v1");
        config.putIfAbsent("kind", "Config");
        config.putIfAbsent("preferences", new LinkedHashMap<>());
        Map<String, Object> cluster = new LinkedHashMap<>();
        cluster.put("certificate-authority-data", base64(authorityPem));
        cluster.put("server", server);
        put(config, "clusters", "cluster", cluster);
        put(config, "users", "user", new TreeMap<>(user));
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("cluster", name);
        // The user's choice of a default namespace survives a new start of the cluster.
        Object namespace = namespaceOf(config);
        if (namespace != null) {
            context.put("namespace", namespace);
        }
        context.put("user", name);
        put(config, "contexts", "context", context);
        config.put("current-context", name);
    }

    private @Nullable Object namespaceOf(Map<String, Object> config) {
        for (Object entry : entries(config, "contexts")) {
            if (named(entry, name)
                    && entry instanceof Map<?, ?> map
                    && map.get("context") instanceof Map<?, ?> context) {
                return context.get("namespace");
            }
        }
        return null;
    }

    private void put(Map<String, Object> config, String section, String field, Map<String, Object> value) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put(field, value);
        entry.put("name", name);
        List<Object> entries = entries(config, section);
        for (int i = 0; i < entries.size(); i++) {
            if (named(entries.get(i), name)) {
                entries.set(i, entry);
                return;
            }
        }
        entries.add(entry);
    }

    @SuppressWarnings("unchecked")
    private static List<Object> entries(Map<String, Object> config, String section) {
        Object present = config.get(section);
        if (present instanceof List<?> list) {
            return (List<Object>) list;
        }
        List<Object> fresh = new ArrayList<>();
        config.put(section, fresh);
        return fresh;
    }

    private static boolean named(Object entry, String name) {
        return entry instanceof Map<?, ?> map && Objects.equals(map.get("name"), name);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> load(Path file) {
        String text;
        try {
            text = Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
        Object content;
        try {
            content = yaml().load(text);
        } catch (YAMLException malformed) {
            throw new IllegalArgumentException(file + " is not YAML; it was left as it is");
        }
        if (content == null) {
            return new LinkedHashMap<>();
        }
        if (!(content instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(file + " is not a kubeconfig; it was left as it is");
        }
        return (Map<String, Object>) map;
    }

    private static String dump(Map<String, Object> config) {
        return yaml().dump(config);
    }

    private static Yaml yaml() {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setWidth(Integer.MAX_VALUE);
        options.setSplitLines(false);
        return new Yaml(new SafeConstructor(new LoaderOptions()), new Representer(options), options);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Names the cluster only: the credentials never reach a log. */
    @Override
    public String toString() {
        return "Kubeconfig[" + name + " at " + server + "]";
    }
}
