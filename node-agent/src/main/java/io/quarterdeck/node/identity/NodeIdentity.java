package io.quarterdeck.node.identity;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ClientFactory;
import io.quarterdeck.client.ClientProperties;
import io.quarterdeck.client.Kubeconfig;
import io.quarterdeck.pki.CertificateFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The identity under which the node speaks to the API, and its renewal. A node without one joins first by its bootstrap
 * kubeconfig. Thread-safe.
 */
public final class NodeIdentity implements AutoCloseable {

    private static final String COMPONENT = "kubelet";

    private final String nodeName;
    private final ClientProperties properties;
    private final @Nullable Path bootstrap;
    private final Path directory;
    private final CertificateStore store;
    private final Patience patience;
    private final RenewedClient client;
    private final ApiClient api;
    private final CertificateRotation rotation;
    private final List<ServingCertificate> serving = new CopyOnWriteArrayList<>();

    private NodeIdentity(
            String nodeName,
            ClientProperties properties,
            @Nullable Path bootstrap,
            Path directory,
            CertificateStore store,
            Patience patience) {
        this.nodeName = nodeName;
        this.properties = properties;
        this.bootstrap = bootstrap;
        this.directory = directory;
        this.store = store;
        this.patience = patience;
        this.client = new RenewedClient(() -> ClientFactory.open(properties, COMPONENT), properties.requestTimeout());
        this.api = new ApiClient(client);
        this.rotation = new CertificateRotation(
                store,
                WantedCertificate.client(nodeName),
                this::requests,
                certificate -> client.renew(),
                RandomGenerator.getDefault(),
                patience);
    }

    /**
     * Returns once the node has an identity, which takes as long as a bootstrap token is refused or nobody approves.
     *
     * @param bootstrap kubeconfig with a bootstrap token; without one the node's own kubeconfig has to be there
     * @param directory where certificates and keys are kept
     * @throws CancellationException when the process ends meanwhile
     */
    public static NodeIdentity establish(
            String nodeName,
            ClientProperties properties,
            @Nullable Path bootstrap,
            Path directory,
            InstantSource clock) {
        CertificateStore store = new CertificateStore(directory, "kubelet-client");
        Patience patience = new Patience(clock, Thread::sleep);
        if (bootstrap != null && !Joining.done(properties.kubeconfigFile(), clock.instant())) {
            Joining joining = new Joining(
                    bootstrap,
                    properties.kubeconfigFile(),
                    directory,
                    store,
                    WantedCertificate.client(nodeName),
                    kubeconfig -> requests(kubeconfig, properties),
                    patience);
            await(joining);
        }
        return new NodeIdentity(nodeName, properties, bootstrap, directory, store, patience);
    }

    /** Waits without a time limit, since Spring interrupts a start that waits so when the process is to end. */
    private static void await(Joining joining) {
        FutureTask<Boolean> joined = new FutureTask<>(() -> {
            joining.join();
            return true;
        });
        Thread thread = Thread.ofVirtual().name("node-join").start(joined);
        try {
            joined.get();
        } catch (InterruptedException stopped) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new CancellationException("stopped while joining the cluster");
        } catch (ExecutionException e) {
            throw new IllegalStateException("joining the cluster", e.getCause());
        }
    }

    private static SigningRequests requests(Path kubeconfig, ClientProperties properties) {
        KubernetesClient client =
                ClientFactory.open(new ClientProperties(kubeconfig, properties.requestTimeout()), COMPONENT);
        return new ApiSigningRequests(new ApiClient(client), client::close);
    }

    /** Under the own identity; under the token's when that has ended, as after a long time without an API. */
    private SigningRequests requests() {
        boolean ended = store.current().filter(own -> own.ended(patience.now())).isPresent();
        return ended && bootstrap != null && Files.exists(bootstrap)
                ? requests(bootstrap, properties)
                : new ApiSigningRequests(api, () -> {});
    }

    public ApiClient api() {
        return api;
    }

    /** Begins to renew the client certificate, when it is one that this node asked for. */
    public void start() {
        if (store.current().isEmpty()) {
            return;
        }
        Map<String, Object> user = Kubeconfig.read(properties.kubeconfigFile()).user();
        if (store.currentPath().toString().equals(user.get("client-certificate"))) {
            rotation.start();
        }
    }

    @Override
    public void close() {
        serving.forEach(ServingCertificate::close);
        rotation.close();
        client.close();
    }

    /** The authority of the cluster's clients: that of the API itself, in a file. */
    public Path authority() {
        Path file = directory.resolve("ca.crt");
        CertificateFiles.privateDirectory(directory);
        CertificateFiles.writePublic(
                file, Kubeconfig.read(properties.kubeconfigFile()).authorityPem());
        return file;
    }

    /**
     * A serving certificate that the cluster signs, got and renewed under this identity.
     *
     * @param addresses under which the node is reached
     */
    public ServingCertificate serving(List<String> addresses) {
        ServingCertificate certificate = new ServingCertificate(
                new CertificateStore(directory, "kubelet-server"),
                WantedCertificate.serving(nodeName, addresses),
                () -> new ApiSigningRequests(api, () -> {}),
                patience);
        serving.add(certificate);
        return certificate;
    }
}
