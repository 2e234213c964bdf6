package io.quarterdeck.api.store.postgres;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The ordered store and the cache before it. The database itself is named by {@code spring.datasource.*}.
 *
 * @param adapter where objects are kept: {@code postgres}, or {@code memory} for trials that nothing outlives
 * @param durability what happens when PostgreSQL could lose acknowledged writes (fsync, synchronous_commit or
 *     full_page_writes off): {@code refuse} to start, or {@code alarm} in the log
 * @param maxQueued how many transactions may wait for the next commit; more are refused with 429
 * @param maxQueuedBytes how many bytes of bodies may wait for the next commit; more are refused with 429
 * @param maxBatch how many transactions one commit takes at most
 * @param maxBatchBytes how many bytes of bodies one commit takes at most
 * @param writeDeadline how long a write may wait for a database that does not answer, before 504
 * @param historyPeriod how long changes are kept for history
 * @param historySize how large the kept changes may grow together; the oldest go first
 * @param maintenanceInterval how often the log gets room ahead and is compacted behind
 * @param ringBytes what the recent events of all resources may occupy on the heap; 0 means an eighth of the heap
 * @param recalledChanges how many of the last changes are read back at start, so that watches resume
 * @param freshnessWait how long a read waits for a resourceVersion before 504
 */
@ConfigurationProperties("quarterdeck.store")
public record StoreProperties(
        @DefaultValue("postgres") Adapter adapter,
        @DefaultValue("refuse") Durability durability,
        @DefaultValue("10000") int maxQueued,
        @DefaultValue("64MB") DataSize maxQueuedBytes,
        @DefaultValue("256") int maxBatch,
        @DefaultValue("4MB") DataSize maxBatchBytes,
        @DefaultValue("30s") Duration writeDeadline,
        @DefaultValue("24h") Duration historyPeriod,
        @DefaultValue("2GB") DataSize historySize,
        @DefaultValue("1m") Duration maintenanceInterval,
        @DefaultValue("0B") DataSize ringBytes,
        @DefaultValue("10000") int recalledChanges,
        @DefaultValue("3s") Duration freshnessWait) {

    public enum Adapter {
        POSTGRES,
        MEMORY
    }

    public enum Durability {
        REFUSE,
        ALARM
    }
}
