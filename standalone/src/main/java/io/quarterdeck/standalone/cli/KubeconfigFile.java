package io.quarterdeck.standalone.cli;

import io.quarterdeck.client.Kubeconfig;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.KeyedCertificate;
import io.quarterdeck.pki.Pem;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.InstanceState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** The instance's context in the user's own kubeconfig. */
record KubeconfigFile(Path file) {
    private static final String NAME = "quarterdeck";

    /** The file that kubectl writes to: the first of $KUBECONFIG, else ~/.kube/config. */
    static KubeconfigFile ofUser() {
        String list = Optional.ofNullable(System.getenv("KUBECONFIG")).orElse("");
        return new KubeconfigFile(List.of(list.split(":")).stream()
                .filter(entry -> !entry.isEmpty())
                .findFirst()
                .map(Path::of)
                .orElseGet(() -> Path.of(home(), ".kube", "config")));
    }

    /** $HOME, as kubectl has it; Java's own user.home comes from the password file. */
    private static String home() {
        return Optional.ofNullable(System.getenv("HOME")).orElse(System.getProperty("user.home"));
    }

    /** Fails where the file cannot take another context: better before a start than after it. */
    void check() {
        if (Files.exists(file) && content() != null && !(content() instanceof Map<?, ?>)) {
            throw unusable();
        }
    }

    private @Nullable Object content() {
        try {
            return new Yaml(new SafeConstructor(new LoaderOptions())).load(CertificateFiles.read(file));
        } catch (YAMLException e) {
            throw unusable();
        }
    }

    private Failure unusable() {
        return new Failure(file + " is no kubeconfig", "mv " + file + " " + file + ".broken");
    }

    /** Adds the instance's context, makes it the current one, and returns its name. */
    String merge(Instance instance, int port) {
        String server = "https://127.0.0.1:" + port;
        String name = freeName(server, port);
        var identity = new KeyedCertificate(
                Pem.certificate(CertificateFiles.read(instance.pki().resolve("admin.crt"))),
                Pem.privateKey(CertificateFiles.read(instance.pki().resolve("admin.key"))));
        Kubeconfig.withCertificate(
                        name, server, CertificateFiles.read(instance.pki().resolve("ca.crt")), identity)
                .mergeInto(file);
        instance.state()
                .put(Map.of(
                        InstanceState.CONTEXT,
                        name,
                        InstanceState.KUBECONFIG,
                        file.toAbsolutePath().toString()));
        return name;
    }

    /** Takes out what {@link #merge} put in, unless another instance has taken the name over since. */
    static void remove(Instance instance) {
        InstanceState state = instance.state();
        Optional<String> name = state.get(InstanceState.CONTEXT);
        Optional<String> path = state.get(InstanceState.KUBECONFIG);
        Optional<Long> port = state.number(InstanceState.PORT);
        if (name.isPresent() && path.isPresent() && port.isPresent()) {
            var user = new KubeconfigFile(Path.of(path.get()));
            if (user.server(name.get()).equals(Optional.of("https://127.0.0.1:" + port.get()))) {
                Kubeconfig.remove(user.file(), name.get());
            }
        }
    }

    /** {@code quarterdeck}, unless that is the context of another cluster that runs. */
    private String freeName(String server, int port) {
        Optional<String> taken = server(NAME);
        return taken.isEmpty() || taken.get().equals(server) || !answers(taken.get()) ? NAME : NAME + "-" + port;
    }

    private static boolean answers(String server) {
        URI uri = URI.create(server);
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), 500);
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /** The address of the cluster of this name in the file. */
    private Optional<String> server(String name) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (content() instanceof Map<?, ?> config && config.get("clusters") instanceof List<?> clusters) {
            for (Object entry : clusters) {
                if (entry instanceof Map<?, ?> cluster
                        && name.equals(cluster.get("name"))
                        && cluster.get("cluster") instanceof Map<?, ?> settings
                        && settings.get("server") instanceof String server) {
                    return Optional.of(server);
                }
            }
        }
        return Optional.empty();
    }
}
