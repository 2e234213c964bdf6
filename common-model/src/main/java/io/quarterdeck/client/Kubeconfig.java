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
import java.util.Set;
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
    private static final Set<String> OWN_FIELDS =
            Set.of("apiVersion", "kind", "preferences", "clusters", "contexts", "users", "current-context");

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

    /**
     * What a file's current context says.
     *
     * @throws IllegalArgumentException when something is missing that is needed; never quotes a credential
     */
    public static Kubeconfig read(Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException("there is no kubeconfig " + file + " that can be read");
        }
        Map<String, Object> config = load(file);
        Map<?, ?> context = entry(config, "contexts", "context", text(config.get("current-context")));
        String name = text(context.get("cluster"));
        Map<?, ?> cluster = entry(config, "clusters", "cluster", name);
        Map<String, Object> user = new LinkedHashMap<>();
        entry(config, "users", "user", text(context.get("user"))).forEach((key, value) -> user.put(text(key), value));
        String server = text(cluster.get("server"));
        if (server.isEmpty()) {
            throw new IllegalArgumentException(file + " names no server in its current context");
        }
        String data = text(cluster.get("certificate-authority-data"));
        String path = text(cluster.get("certificate-authority"));
        if (data.isEmpty() && path.isEmpty()) {
            throw new IllegalArgumentException(file + " names no certificate-authority in its current context");
        }
        String authority = data.isEmpty()
                ? CertificateFiles.read(file.toAbsolutePath().resolveSibling(path))
                : new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8);
        return new Kubeconfig(name, server, authority, user);
    }

    private static Map<?, ?> entry(Map<String, Object> config, String section, String field, String name) {
        for (Object entry : entries(config, section)) {
            if (named(entry, name) && entry instanceof Map<?, ?> map && map.get(field) instanceof Map<?, ?> value) {
                return value;
            }
        }
        return Map.of();
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
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

    /**
     * Takes the entries of this name out of a file and out of what was kept beside it, and the current context when it is
     * theirs. A file that held nothing else goes.
     */
    public static void remove(Path file, String name) {
        takeOut(file, name);
        try {
            takeOut(backup(file), name);
        } catch (IllegalArgumentException notOurs) {
            // Not a kubeconfig, so not written here.
        }
    }

    private static void takeOut(Path file, String name) {
        if (!Files.exists(file)) {
            return;
        }
        Map<String, Object> config = load(file);
        boolean found = name.equals(config.get("current-context"));
        if (found) {
            config.put("current-context", "");
        }
        boolean empty = OWN_FIELDS.containsAll(config.keySet());
        for (String section : List.of("clusters", "contexts", "users")) {
            List<Object> entries = entries(config, section);
            found |= entries.removeIf(entry -> named(entry, name));
            empty &= entries.isEmpty();
        }
        if (found && empty) {
            delete(file);
        } else if (found) {
            CertificateFiles.writeSecret(file, dump(config));
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException("removing " + file, e);
        }
    }

    private static Path backup(Path file) {
        return file.resolveSibling(file.getFileName() + ".bak");
    }

    private static void replace(Path file, String before, String after) {
        if (after.equals(before)) {
            return;
        }
        if (Files.exists(file)) {
            CertificateFiles.writeSecret(backup(file), CertificateFiles.read(file));
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

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Names the cluster only: the credentials never reach a log. */
    @Override
    public String toString() {
        return "Kubeconfig[" + name + " at " + server + "]";
    }
}
