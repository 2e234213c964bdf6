package io.quarterdeck.client;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Pem;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Opens API clients. A client is thread-safe, meant for virtual threads, and to be closed by whoever opened it. */
public final class ClientFactory {

    private ClientFactory() {}

    /**
     * @param component name of the calling component, {@code kube-scheduler}; sent as the User-Agent, which the API takes
     *     as the field manager of what it writes
     * @throws IllegalStateException when the kubeconfig is missing or cannot be read
     */
    public static KubernetesClient open(ClientProperties properties, String component) {
        return open(config(properties, component));
    }

    /**
     * A client with the address and CA of the kubeconfig but without its identity, for callers who bring a token of
     * their own: a client certificate would win over it.
     */
    public static KubernetesClient openWithoutIdentity(ClientProperties properties, String component) {
        Config config = config(properties, component);
        config.setClientCertData(null);
        config.setClientCertFile(null);
        config.setClientKeyData(null);
        config.setClientKeyFile(null);
        config.setOauthToken(null);
        config.setAutoOAuthToken(null);
        config.setUsername(null);
        config.setPassword(null);
        return open(config);
    }

    private static Config config(ClientProperties properties, String component) {
        Path kubeconfig = properties.kubeconfigFile();
        if (!kubeconfig.toFile().canRead()) {
            throw new IllegalStateException("cannot read the kubeconfig " + kubeconfig
                    + ": set quarterdeck.client.kubeconfig to a readable file");
        }
        Config config = Config.fromKubeconfig(kubeconfig.toFile());
        inline(config);
        config.setUserAgent(component);
        config.setRequestTimeout(Math.toIntExact(properties.requestTimeout().toMillis()));
        // A repeated POST could create twice; who may repeat decides for itself.
        config.setRequestRetryBackoffLimit(0);
        return config;
    }

    /**
     * Reads the files that a kubeconfig names: the client library does not take one file that holds both certificate and
     * key, as kubelets keep theirs.
     */
    private static void inline(Config config) {
        if (config.getClientCertFile() == null || config.getClientKeyFile() == null) {
            return;
        }
        String certificates = Pem.certificates(CertificateFiles.read(Path.of(config.getClientCertFile()))).stream()
                .map(Pem::encode)
                .collect(Collectors.joining());
        String key = Pem.encodeForClients(Pem.privateKey(CertificateFiles.read(Path.of(config.getClientKeyFile()))));
        config.setClientCertData(Kubeconfig.base64(certificates));
        config.setClientKeyData(Kubeconfig.base64(key));
        config.setClientCertFile(null);
        config.setClientKeyFile(null);
    }

    private static KubernetesClient open(Config config) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(new ObjectSerialization())
                .withHttpClientFactory(new VertxHttpClientFactory())
                .withTaskExecutor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }
}
