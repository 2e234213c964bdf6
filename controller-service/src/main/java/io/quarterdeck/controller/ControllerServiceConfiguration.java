package io.quarterdeck.controller;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ClientFactory;
import io.quarterdeck.client.ClientProperties;
import io.quarterdeck.controller.bootstrapsigner.BootstrapSignerReconciler;
import io.quarterdeck.controller.clusterrole.ClusterRoleAggregationReconciler;
import io.quarterdeck.controller.csrapproving.CsrApprovingReconciler;
import io.quarterdeck.controller.csrapproving.ReviewedAccess;
import io.quarterdeck.controller.csrcleaner.CsrCleanerReconciler;
import io.quarterdeck.controller.csrsigning.CsrSigningReconciler;
import io.quarterdeck.controller.deployment.DeploymentReconciler;
import io.quarterdeck.controller.endpoints.EndpointSliceMirroringReconciler;
import io.quarterdeck.controller.endpoints.EndpointSliceReconciler;
import io.quarterdeck.controller.endpoints.EndpointsReconciler;
import io.quarterdeck.controller.garbagecollector.GarbageCollector;
import io.quarterdeck.controller.namespace.NamespaceController;
import io.quarterdeck.controller.node.NodeIpamReconciler;
import io.quarterdeck.controller.node.NodeLifecycleController;
import io.quarterdeck.controller.node.NodeTtlReconciler;
import io.quarterdeck.controller.node.TaintEvictionReconciler;
import io.quarterdeck.controller.podgc.PodGcController;
import io.quarterdeck.controller.policystatus.PolicyStatusController;
import io.quarterdeck.controller.replicaset.ReplicaSetReconciler;
import io.quarterdeck.controller.replicationcontroller.ReplicationControllerReconciler;
import io.quarterdeck.controller.resourcequota.ResourceQuotaController;
import io.quarterdeck.controller.rootca.RootCaReconciler;
import io.quarterdeck.controller.serviceaccount.LegacyTokens;
import io.quarterdeck.controller.serviceaccount.ServiceAccountReconciler;
import io.quarterdeck.controller.serviceaccount.TokenSecretReconciler;
import io.quarterdeck.controller.tokencleaner.TokenCleanerReconciler;
import io.quarterdeck.feed.ChangeFeed;
import io.quarterdeck.feed.FeedInformers;
import io.quarterdeck.feed.HttpWatchFeed;
import io.quarterdeck.feed.InformersEndpoint;
import io.quarterdeck.feed.kafka.KafkaFeedConfiguration;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.KeyedCertificate;
import io.quarterdeck.pki.Pem;
import io.quarterdeck.reconcile.ActionPerformer;
import io.quarterdeck.reconcile.Controller;
import io.quarterdeck.reconcile.ControllerRunner;
import io.quarterdeck.reconcile.EventRecorder;
import io.quarterdeck.reconcile.LeaderElection;
import io.quarterdeck.reconcile.Reconciler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The controllers as one Spring configuration; their own service and standalone start the same. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ControllerProperties.class, ClientProperties.class})
@Import({
    KafkaFeedConfiguration.class,
    ReplicaSetReconciler.class,
    ReplicationControllerReconciler.class,
    DeploymentReconciler.class,
    EndpointsReconciler.class,
    EndpointSliceReconciler.class,
    EndpointSliceMirroringReconciler.class,
    ServiceAccountReconciler.class,
    ClusterRoleAggregationReconciler.class,
    NodeTtlReconciler.class,
    CsrCleanerReconciler.class,
    BootstrapSignerReconciler.class,
    TokenCleanerReconciler.class,
    TaintEvictionReconciler.class,
    ControllersEndpoint.class,
    InformersEndpoint.class
})
public class ControllerServiceConfiguration {

    static final String COMPONENT = "kube-controller-manager";
    private static final InstantSource CLOCK = InstantSource.system();

    @Bean(destroyMethod = "close")
    KubernetesClient controllerClient(ClientProperties properties) {
        return ClientFactory.open(properties, COMPONENT);
    }

    @Bean
    ApiClient controllerApi(@Qualifier("controllerClient") KubernetesClient client) {
        return new ApiClient(client);
    }

    @Bean(destroyMethod = "close")
    FeedInformers controllerInformers(ApiClient api, ObjectProvider<ChangeFeed> feeds) {
        return new FeedInformers(feeds.getIfAvailable(() -> new HttpWatchFeed(api, RandomGenerator.getDefault())));
    }

    @Bean(destroyMethod = "close")
    EventRecorder controllerEvents(ApiClient api) {
        return new EventRecorder(api, CLOCK, "");
    }

    @Bean(destroyMethod = "close")
    KubernetesClient controllerClientWithoutIdentity(ClientProperties properties) {
        return ClientFactory.openWithoutIdentity(properties, COMPONENT);
    }

    @Bean
    ServiceAccountCredentials serviceAccountCredentials(
            ApiClient api, @Qualifier("controllerClientWithoutIdentity") KubernetesClient anonymous) {
        return new ServiceAccountCredentials(api, anonymous, CLOCK);
    }

    @Bean
    Discovery discovery(ApiClient api) {
        return new Discovery(api);
    }

    @Bean
    RootCertificate rootCertificate(
            ControllerProperties properties, @Qualifier("controllerClient") KubernetesClient client) {
        return new RootCertificate(rootCertificate(properties, client.getConfiguration()));
    }

    /** The cluster's, in PEM. */
    record RootCertificate(String pem) {}

    @Bean
    RootCaReconciler rootCaReconciler(RootCertificate rootCa) {
        return new RootCaReconciler(rootCa.pem());
    }

    private static TokenSecretReconciler tokenSecrets(Path keyFile, RootCertificate rootCa) {
        KeyPair keys = Pem.keyPair(CertificateFiles.read(keyFile));
        return new TokenSecretReconciler(new LegacyTokens(keys), rootCa.pem());
    }

    @Bean
    Controllers controllers(
            ControllerProperties properties,
            ApiClient api,
            FeedInformers informers,
            EventRecorder events,
            ServiceAccountCredentials credentials,
            Discovery discovery,
            RootCertificate rootCa,
            ObjectProvider<Reconciler<?>> reconcilers,
            MeterRegistry registry) {
        List<Controller> all = new ArrayList<>();
        // Each writes as its own service account, or all as this process.
        Function<String, ApiClient> clients =
                account -> properties.useServiceAccountCredentials() ? credentials.client(account) : api;
        Function<String, ActionPerformer> performers = account -> new ActionPerformer(clients.apply(account), events);
        reconcilers
                .orderedStream()
                .forEach(reconciler -> all.add(runner(
                        reconciler,
                        informers,
                        performers.apply(account(reconciler)),
                        registry,
                        workers(reconciler, properties))));
        if (properties.clusterSigningCertFile() != null && properties.clusterSigningKeyFile() != null) {
            CsrSigningReconciler signing = new CsrSigningReconciler(
                    new CertificateAuthority(new KeyedCertificate(
                            Pem.certificate(CertificateFiles.read(properties.clusterSigningCertFile())),
                            Pem.privateKey(CertificateFiles.read(properties.clusterSigningKeyFile())))),
                    properties.clusterSigningDuration());
            all.add(runner(signing, informers, performers.apply(signing.component()), registry, 1));
        }
        CsrApprovingReconciler approving =
                new CsrApprovingReconciler(new ReviewedAccess(clients.apply("certificate-controller")));
        all.add(runner(approving, informers, performers.apply(approving.component()), registry, 1));
        if (properties.serviceAccountPrivateKeyFile() != null) {
            // Written as this process, whose role lets it: upstream has no account for this controller.
            all.add(runner(
                    tokenSecrets(properties.serviceAccountPrivateKeyFile(), rootCa),
                    informers,
                    new ActionPerformer(api, events),
                    registry,
                    5));
        }
        if (properties.allocateNodeCidrs()) {
            all.add(runner(
                    new NodeIpamReconciler(properties.clusterCidr(), properties.nodeCidrMaskSize()),
                    informers,
                    performers.apply("node-controller"),
                    registry,
                    1));
        }
        all.add(new NodeLifecycleController(
                informers,
                performers.apply("node-controller"),
                CLOCK,
                registry,
                new NodeLifecycleController.Settings(
                        properties.nodeMonitorGracePeriod(),
                        properties.nodeStartupGracePeriod(),
                        properties.nodeMonitorPeriod(),
                        properties.nodeEvictionRate(),
                        properties.secondaryNodeEvictionRate(),
                        properties.unhealthyZoneThreshold(),
                        properties.largeClusterSizeThreshold())));
        all.add(new PodGcController(
                clients.apply("pod-garbage-collector"),
                informers,
                performers.apply("pod-garbage-collector"),
                CLOCK,
                properties.terminatedPodGcThreshold()));
        all.add(new NamespaceController(
                clients.apply("namespace-controller"),
                discovery,
                informers,
                CLOCK,
                registry,
                properties.concurrentNamespaceSyncs()));
        all.add(new GarbageCollector(
                clients.apply("generic-garbage-collector"),
                discovery,
                informers,
                events,
                CLOCK,
                registry,
                properties.concurrentGcSyncs()));
        all.add(new ResourceQuotaController(
                clients.apply("resourcequota-controller"),
                discovery,
                informers,
                CLOCK,
                registry,
                properties.concurrentResourceQuotaSyncs()));
        all.add(new PolicyStatusController(
                clients.apply("validatingadmissionpolicy-status-controller"),
                discovery,
                informers,
                CLOCK,
                registry,
                properties.concurrentValidatingAdmissionPolicyStatusSyncs()));
        LeaderElection.Timing timing = new LeaderElection.Timing(
                properties.leaderElectLeaseDuration(),
                properties.leaderElectRenewDeadline(),
                properties.leaderElectRetryPeriod());
        return new Controllers(
                informers,
                all,
                (lead, follow) -> new LeaderElection(
                        api,
                        events,
                        ObjectKey.namespaced("kube-system", COMPONENT),
                        hostName() + "_" + UUID.randomUUID(),
                        timing,
                        CLOCK,
                        registry,
                        lead,
                        follow),
                properties.leaderElect());
    }

    private static <T extends HasMetadata> ControllerRunner<T> runner(
            Reconciler<T> reconciler,
            FeedInformers informers,
            ActionPerformer performer,
            MeterRegistry registry,
            int workers) {
        return new ControllerRunner<>(reconciler, informers, performer, CLOCK, registry, workers);
    }

    /** The service account for which upstream's default roles hold this controller's rights. */
    private static String account(Reconciler<?> reconciler) {
        return switch (reconciler) {
            case EndpointsReconciler endpoints -> "endpoint-controller";
            case EndpointSliceReconciler slices -> "endpointslice-controller";
            case EndpointSliceMirroringReconciler mirrors -> "endpointslicemirroring-controller";
            case TaintEvictionReconciler evictions -> "node-controller";
            default -> reconciler.component();
        };
    }

    private static int workers(Reconciler<?> reconciler, ControllerProperties properties) {
        return switch (reconciler) {
            case DeploymentReconciler deployments -> properties.concurrentDeploymentSyncs();
            case ReplicaSetReconciler sets -> properties.concurrentReplicasetSyncs();
            case ReplicationControllerReconciler controllers -> properties.concurrentRcSyncs();
            case EndpointsReconciler endpoints -> properties.concurrentEndpointSyncs();
            case EndpointSliceReconciler slices -> properties.concurrentServiceEndpointSyncs();
            default -> 5;
        };
    }

    private static String rootCertificate(ControllerProperties properties, Config config) {
        Path file = properties.rootCaFile();
        try {
            if (file != null) {
                return Files.readString(file);
            }
            if (config.getCaCertData() != null) {
                return new String(Base64.getMimeDecoder().decode(config.getCaCertData()), StandardCharsets.US_ASCII);
            }
            if (config.getCaCertFile() != null) {
                return Files.readString(Path.of(config.getCaCertFile()));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read the root CA certificate", unreadable);
        }
        throw new IllegalStateException("no root CA certificate: set quarterdeck.controllers.root-ca-file,"
                + " or use a kubeconfig with certificate-authority");
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "localhost";
        }
    }
}
