package io.quarterdeck.api.audit;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The audit trail. Nothing is recorded without a policy and a backend.
 *
 * @param policyFile a Policy of audit.k8s.io/v1
 * @param logPath the file that gets one line an event; no file when absent
 * @param logMaxSize when the file becomes a backup
 * @param logMaxBackups how many backups stay; all when 0
 * @param logMaxAge how long backups stay; for ever when zero
 * @param logCompress whether backups are packed
 * @param kafkaTopic the topic that gets one record an event, on the broker of {@code spring.kafka.*}; none when empty
 * @param webhookConfigFile a kubeconfig file that names the server to which batches are posted
 * @param webhookMode whether requests wait until the webhook has their events (blocking), and are refused where it cannot get
 *     them (blocking-strict), or events are gathered (batch)
 * @param webhookThrottleQps deliveries to the webhook in a second
 * @param webhookThrottleBurst deliveries at once after a quiet time
 * @param bufferSize events that may wait for Kafka or for the webhook; more are lost and counted
 * @param batchMaxSize events in one delivery
 * @param batchMaxWait how long an unfinished delivery waits for more
 * @param initialBackOff the pause after a failed delivery
 */
@ConfigurationProperties("quarterdeck.api.audit")
public record AuditProperties(
        @Nullable Path policyFile,
        @Nullable Path logPath,
        @DefaultValue("100MB") DataSize logMaxSize,
        @DefaultValue("0") int logMaxBackups,
        @DefaultValue("0s") Duration logMaxAge,
        @DefaultValue("false") boolean logCompress,
        @DefaultValue("") String kafkaTopic,
        @Nullable Path webhookConfigFile,
        @DefaultValue("batch") WebhookMode webhookMode,
        @DefaultValue("10") double webhookThrottleQps,
        @DefaultValue("15") int webhookThrottleBurst,
        @DefaultValue("10000") int bufferSize,
        @DefaultValue("400") int batchMaxSize,
        @DefaultValue("1s") Duration batchMaxWait,
        @DefaultValue("500ms") Duration initialBackOff) {

    /** Upstream's modes. */
    public enum WebhookMode {
        BATCH,
        BLOCKING,
        BLOCKING_STRICT
    }
}
