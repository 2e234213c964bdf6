package io.quarterdeck.client;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import java.util.concurrent.Executors;

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
        if (!properties.kubeconfig().toFile().canRead()) {
            throw new IllegalStateException("cannot read the kubeconfig " + properties.kubeconfig()
                    + ": set quarterdeck.client.kubeconfig to a readable file");
        }
        Config config = Config.fromKubeconfig(properties.kubeconfig().toFile());
        config.setUserAgent(component);
        config.setRequestTimeout(Math.toIntExact(properties.requestTimeout().toMillis()));
        // A repeated POST could create twice; who may repeat decides for itself.
        config.setRequestRetryBackoffLimit(0);
        return config;
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
