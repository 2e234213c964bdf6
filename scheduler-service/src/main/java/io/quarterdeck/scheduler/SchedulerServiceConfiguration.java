package io.quarterdeck.scheduler;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ClientFactory;
import io.quarterdeck.client.ClientProperties;
import io.quarterdeck.feed.ChangeFeed;
import io.quarterdeck.feed.FeedInformers;
import io.quarterdeck.feed.HttpWatchFeed;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.feed.InformersEndpoint;
import io.quarterdeck.feed.kafka.KafkaFeedConfiguration;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.EventRecorder;
import io.quarterdeck.reconcile.LeaderElection;
import io.quarterdeck.scheduler.cycle.SchedulingCycle;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.plugins.SchedulerPlugins;
import io.quarterdeck.scheduler.queue.SchedulingQueue;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The scheduler as one Spring configuration; its own service and standalone start the same. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({SchedulerProperties.class, ClientProperties.class})
@Import({SchedulerPlugins.class, SchedulerEndpoint.class, KafkaFeedConfiguration.class, InformersEndpoint.class})
public class SchedulerServiceConfiguration {

    static final String COMPONENT = "kube-scheduler";

    @Bean(destroyMethod = "close")
    KubernetesClient schedulerClient(ClientProperties properties) {
        return ClientFactory.open(properties, COMPONENT);
    }

    @Bean
    ApiClient schedulerApi(KubernetesClient client) {
        return new ApiClient(client);
    }

    @Bean(destroyMethod = "close")
    FeedInformers schedulerInformers(ApiClient api, ObjectProvider<ChangeFeed> feeds) {
        return new FeedInformers(feeds.getIfAvailable(() -> new HttpWatchFeed(api, RandomGenerator.getDefault())));
    }

    @Bean(destroyMethod = "close")
    EventRecorder schedulerEvents(ApiClient api) {
        return new EventRecorder(api, InstantSource.system(), "");
    }

    @Bean
    SchedulingCycle schedulingCycle(ObjectProvider<FilterPlugin> filters, ObjectProvider<ScorePlugin> scorers) {
        return new SchedulingCycle(
                filters.orderedStream().toList(), scorers.orderedStream().toList());
    }

    @Bean(destroyMethod = "close")
    SchedulingQueue schedulingQueue(ObjectProvider<FilterPlugin> filters, SchedulerProperties properties) {
        return new SchedulingQueue(
                InstantSource.system(),
                filters.stream().collect(Collectors.toMap(FilterPlugin::name, FilterPlugin::requeueOn)),
                properties.podInitialBackoff(),
                properties.podMaxBackoff());
    }

    @Bean
    ClusterState clusterState() {
        return new ClusterState();
    }

    @Bean
    SchedulerLifecycle schedulerLifecycle(
            SchedulerProperties properties,
            ApiClient api,
            Informers informers,
            EventRecorder events,
            SchedulingQueue queue,
            ClusterState state,
            SchedulingCycle cycle,
            MeterRegistry registry) {
        ClusterEvents changes = new ClusterEvents(state, queue, properties.schedulerName());
        ApiPlacementWriter writer =
                new ApiPlacementWriter(api, events, InstantSource.system(), properties.schedulerName());
        return new SchedulerLifecycle(
                informers,
                changes,
                leading -> new Scheduler(
                        queue,
                        state,
                        cycle,
                        writer,
                        RandomGenerator.getDefault(),
                        new SchedulerMetrics(registry, queue),
                        leading),
                (lead, follow) -> new LeaderElection(
                        api,
                        events,
                        ObjectKey.namespaced("kube-system", COMPONENT),
                        hostName() + "_" + UUID.randomUUID(),
                        LeaderElection.Timing.DEFAULT,
                        InstantSource.system(),
                        registry,
                        lead,
                        follow),
                properties.leaderElect());
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "localhost";
        }
    }
}
