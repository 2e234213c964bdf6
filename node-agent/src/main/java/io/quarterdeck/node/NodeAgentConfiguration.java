package io.quarterdeck.node;

import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ClientProperties;
import io.quarterdeck.feed.FeedInformers;
import io.quarterdeck.feed.HttpWatchFeed;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.node.api.ApiNodeEvents;
import io.quarterdeck.node.api.ApiObjects;
import io.quarterdeck.node.api.ApiPods;
import io.quarterdeck.node.events.NodeEvents;
import io.quarterdeck.node.host.AtomicFiles;
import io.quarterdeck.node.host.HostCommands;
import io.quarterdeck.node.identity.NodeCertificate;
import io.quarterdeck.node.identity.NodeIdentity;
import io.quarterdeck.node.identity.ServingCertificate;
import io.quarterdeck.node.images.ImagePuller;
import io.quarterdeck.node.network.CniNetwork;
import io.quarterdeck.node.network.DefaultConflist;
import io.quarterdeck.node.network.PodFiles;
import io.quarterdeck.node.network.PodTraffic;
import io.quarterdeck.node.network.SandboxNetwork;
import io.quarterdeck.node.pods.PodAdmissions;
import io.quarterdeck.node.pods.PodContext;
import io.quarterdeck.node.pods.PodWorkers;
import io.quarterdeck.node.probes.Handlers;
import io.quarterdeck.node.probes.Probes;
import io.quarterdeck.node.registration.MachineFacts;
import io.quarterdeck.node.registration.NodeRegistration;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.docker.DockerRuntime;
import io.quarterdeck.node.server.NodeServer;
import io.quarterdeck.node.server.NodeServerTls;
import io.quarterdeck.node.stats.StatsSummary;
import io.quarterdeck.node.volumes.DownwardApi.NodeFacts;
import io.quarterdeck.node.volumes.PodVolumes;
import io.quarterdeck.reconcile.EventRecorder;
import jakarta.servlet.Servlet;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The node-agent as one Spring configuration; its own service and standalone start the same. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({NodeProperties.class, ClientProperties.class})
public class NodeAgentConfiguration {

    private static final int DEFAULT_PORT = 10250;

    @Bean
    InstantSource nodeClock() {
        return InstantSource.system();
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    NodeIdentity nodeIdentity(NodeProperties properties, ClientProperties client, InstantSource clock) {
        Path bootstrap = properties.bootstrapKubeconfig();
        ClientProperties own = bootstrap == null || client.kubeconfig() != null
                ? client
                : new ClientProperties(properties.dataDir().resolve("kubeconfig"), client.requestTimeout());
        return NodeIdentity.establish(properties.nodeName(), own, bootstrap, properties.pki(), clock);
    }

    @Bean
    ApiClient nodeApi(NodeIdentity identity) {
        return identity.api();
    }

    @Bean(destroyMethod = "close")
    Informers nodeInformers(ApiClient api) {
        return new FeedInformers(new HttpWatchFeed(api, RandomGenerator.getDefault()));
    }

    @Bean
    ApiPods apiPods(ApiClient api, Informers informers, NodeProperties properties) {
        return new ApiPods(api, informers, properties.nodeName());
    }

    @Bean
    ApiObjects apiObjects(ApiClient api, InstantSource clock) {
        return new ApiObjects(api, clock);
    }

    @Bean(destroyMethod = "close")
    EventRecorder nodeEventRecorder(ApiClient api, InstantSource clock, NodeProperties properties) {
        return new EventRecorder(api, clock, properties.nodeName());
    }

    @Bean
    NodeEvents nodeEvents(EventRecorder recorder, NodeProperties properties) {
        return new ApiNodeEvents(recorder, properties.nodeName());
    }

    @Bean
    HostCommands hostCommands() {
        return new HostCommands();
    }

    @Bean(destroyMethod = "close")
    DockerRuntime containerRuntime(NodeProperties properties) {
        return DockerRuntime.connect(properties.dockerHost(), properties.instance());
    }

    @Bean
    MachineFacts machineFacts(ContainerRuntime runtime) {
        return MachineFacts.read(Path.of(runtime.version().rootDir()));
    }

    @Bean
    SandboxNetwork sandboxNetwork(NodeProperties properties, HostCommands commands) {
        Path configured = properties.cni().confDir();
        return new CniNetwork(
                commands,
                properties.cni().binDir(),
                configured == null ? properties.ownConflists() : configured,
                properties.networkRecords(),
                properties.namespaces());
    }

    @Bean(destroyMethod = "close")
    NodeRegistration nodeRegistration(
            NodeProperties properties,
            Environment environment,
            ApiClient api,
            MachineFacts machine,
            ContainerRuntime runtime,
            SandboxNetwork network,
            NodeEvents events,
            HostCommands commands,
            InstantSource clock) {
        PodTraffic traffic = new PodTraffic(commands, properties.instance());
        return new NodeRegistration(
                api,
                properties.nodeName(),
                address(properties),
                environment.getProperty("server.port", Integer.class, DEFAULT_PORT),
                properties.maxPods(),
                properties.labels(),
                machine,
                runtime,
                network,
                events,
                cidr -> {
                    traffic.apply(cidr, properties.clusterCidr());
                    if (properties.cni().confDir() == null) {
                        AtomicFiles.write(
                                properties.ownConflists().resolve(DefaultConflist.FILE),
                                DefaultConflist.text(cidr, properties.leases()));
                    }
                },
                clock);
    }

    private static String address(NodeProperties properties) {
        String configured = properties.address();
        return configured == null ? MachineFacts.primaryAddress() : configured;
    }

    @Bean
    PodWorkers podWorkers(
            NodeProperties properties,
            ApiPods pods,
            ApiObjects objects,
            ContainerRuntime runtime,
            SandboxNetwork network,
            NodeRegistration registration,
            MachineFacts machine,
            NodeEvents events,
            HostCommands commands,
            InstantSource clock) {
        NodeFacts facts = new NodeFacts(List.of(address(properties)), registration.allocatable());
        Supplier<NodeFacts> node = () -> facts;
        Handlers handlers = new Handlers(runtime);
        return new PodWorkers(new PodContext(
                pods,
                pods,
                new PodAdmissions(pods, registration::node, registration::freshNode, MachineFacts.appArmor()),
                runtime,
                network,
                new PodVolumes(properties.dataDir(), commands, objects, node, clock),
                objects,
                new ImagePuller(runtime.images(), objects, events, clock),
                new Probes(handlers, events, clock),
                handlers,
                events,
                new PodFiles(properties.clusterDns(), properties.clusterDomain()),
                node,
                machine.memory(),
                properties.dataDir().resolve("seccomp"),
                clock));
    }

    @Bean
    StatsSummary statsSummary(
            NodeProperties properties, MachineFacts machine, ContainerRuntime runtime, InstantSource clock) {
        return new StatsSummary(properties.nodeName(), machine, runtime, clock);
    }

    /** Files when they are given; else the cluster is asked. */
    @Bean
    NodeServerTls nodeServerTls(NodeProperties properties, NodeIdentity identity) {
        Path certificate = properties.server().certificate();
        Path key = properties.server().key();
        if (certificate != null && key != null) {
            return new NodeServerTls(() -> NodeCertificate.read(certificate, key));
        }
        if (certificate != null || key != null) {
            throw new IllegalStateException("quarterdeck.node.server.certificate and .key belong together");
        }
        ServingCertificate asked = identity.serving(List.of(properties.nodeName(), address(properties)));
        NodeServerTls tls = new NodeServerTls(asked::current);
        asked.start(tls::renewed);
        return tls;
    }

    @Bean
    ServletRegistrationBean<Servlet> nodeServlet(
            NodeProperties properties,
            NodeIdentity identity,
            ApiClient api,
            ApiPods pods,
            PodWorkers workers,
            ContainerRuntime runtime,
            StatsSummary stats,
            InstantSource clock) {
        Path configured = properties.server().clientCa();
        return new ServletRegistrationBean<>(
                NodeServer.servlet(
                        configured == null ? identity.authority() : configured,
                        properties.nodeName(),
                        api,
                        pods,
                        workers,
                        runtime,
                        stats,
                        clock),
                "/*");
    }

    @Bean
    NodeLifecycle nodeLifecycle(Informers informers, NodeRegistration registration, PodWorkers workers) {
        return new NodeLifecycle(informers, registration, workers);
    }
}
