package io.quarterdeck.api.audit;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.callout.KubeconfigWebhook;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The trail with the policy and the backends that the properties ask for. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AuditProperties.class, KafkaProperties.class})
class AuditConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(AuditConfiguration.class);

    @Bean
    AuditTrail auditTrail(AuditProperties properties, ObjectProvider<KafkaProperties> kafka, MeterRegistry meters) {
        AuditPolicy policy =
                properties.policyFile() == null ? AuditPolicy.NOTHING : AuditPolicy.read(properties.policyFile());
        List<AuditBackend> backends = new ArrayList<>();
        if (properties.policyFile() == null) {
            if (properties.logPath() != null
                    || !properties.kafkaTopic().isEmpty()
                    || properties.webhookConfigFile() != null) {
                LOG.warn("Nothing is audited: quarterdeck.api.audit.policy-file names no policy");
            }
        } else {
            if (properties.logPath() != null) {
                backends.add(new RotatingFile(
                        properties.logPath(),
                        new RotatingFile.Limits(
                                properties.logMaxSize().toBytes(),
                                properties.logMaxBackups(),
                                properties.logMaxAge(),
                                properties.logCompress()),
                        InstantSource.system()));
            }
            if (!properties.kafkaTopic().isEmpty()) {
                Delivery delivery = new KafkaDelivery(connection(kafka.getObject()), properties.kafkaTopic());
                backends.add(
                        new BufferedBackend(limits(properties), courier("kafka", properties, delivery, meters), null));
            }
            if (properties.webhookConfigFile() != null) {
                Delivery delivery = new WebhookDelivery(
                        KubeconfigWebhook.read(properties.webhookConfigFile(), Duration.ofSeconds(30)));
                backends.add(webhook(properties, courier("webhook", properties, delivery, meters)));
            }
        }
        return new AuditTrail(policy, backends, InstantSource.system(), meters);
    }

    private static AuditBackend webhook(AuditProperties properties, Courier courier) {
        return switch (properties.webhookMode()) {
            case BATCH ->
                new BufferedBackend(
                        limits(properties),
                        courier,
                        new Throttle(properties.webhookThrottleQps(), properties.webhookThrottleBurst()));
            case BLOCKING -> new BlockingBackend(courier, false);
            case BLOCKING_STRICT -> new BlockingBackend(courier, true);
        };
    }

    private static BufferedBackend.Limits limits(AuditProperties properties) {
        return new BufferedBackend.Limits(
                properties.bufferSize(), properties.batchMaxSize(), properties.batchMaxWait());
    }

    private static Courier courier(String name, AuditProperties properties, Delivery delivery, MeterRegistry meters) {
        return new Courier(
                name,
                delivery,
                properties.initialBackOff(),
                lost -> meters.counter("apiserver_audit_error", "plugin", name).increment(lost));
    }

    private static Map<String, Object> connection(KafkaProperties kafka) {
        Map<String, Object> connection = new HashMap<>(kafka.buildAdminProperties());
        connection.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.getBootstrapServers());
        return connection;
    }
}
