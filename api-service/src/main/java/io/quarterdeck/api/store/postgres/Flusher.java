package io.quarterdeck.api.store.postgres;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.CrashPoint;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.postgres.BatchCommit.Outcome;
import io.quarterdeck.model.StatusException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes all that waits, commits it in one transaction on a connection of its own, and answers. There is no lingering:
 * the previous commit is the time in which the next batch gathers.
 */
final class Flusher implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Flusher.class);
    private static final int ATTEMPTS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /** The function's statements may be planned while the tables are still empty. */
    private static final String SESSION = "set enable_seqscan = off; set enable_hashjoin = off;"
            + " set enable_mergejoin = off; set jit = off; set plan_cache_mode = force_generic_plan";

    private final ConnectionSource connections;
    private final String applicationName;
    private final CommitQueue queue;
    private final ResourceIds resources;
    private final BodySeal seal;
    private final Partitions partitions;
    private final StoreProperties properties;
    private final Consumer<List<Change>> committed;
    private final BooleanSupplier others;
    private final Timer commits;
    private final DistributionSummary batches;
    private volatile boolean closed;
    private volatile int backendPid;
    private @Nullable Connection connection;
    private long knownRevision;
    private String knownEpoch = "";

    /** The deadline passed while the database did not answer, or the batch's traces are lost. */
    private static final class GaveUp extends Exception {
        final StatusException status;

        GaveUp(StatusException status) {
            super(null, null, false, false);
            this.status = status;
        }
    }

    /**
     * @param applicationName marks this flusher's sessions, and no other's
     * @param others whether other processes listen for commits
     */
    Flusher(
            ConnectionSource connections,
            String applicationName,
            CommitQueue queue,
            ResourceIds resources,
            BodySeal seal,
            Partitions partitions,
            StoreProperties properties,
            Consumer<List<Change>> committed,
            BooleanSupplier others,
            MeterRegistry meters) {
        this.connections = connections;
        this.applicationName = applicationName;
        this.queue = queue;
        this.resources = resources;
        this.seal = seal;
        this.partitions = partitions;
        this.properties = properties;
        this.committed = committed;
        this.others = others;
        this.commits = Timer.builder("quarterdeck.store.commit")
                .description("One group commit, from sending the batch to its durable answer")
                .publishPercentileHistogram()
                .register(meters);
        this.batches = DistributionSummary.builder("quarterdeck.store.batch")
                .description("Transactions in one group commit")
                .register(meters);
    }

    /** The backend that commits for this process; 0 when there is none. */
    int backendPid() {
        return backendPid;
    }

    @Override
    public void run() {
        try {
            while (true) {
                List<PendingWrite> batch = queue.takeBatch(
                        properties.maxBatch(), properties.maxBatchBytes().toBytes());
                if (batch.isEmpty()) {
                    return;
                }
                flush(batch);
            }
        } catch (InterruptedException stopped) {
            log.debug("The flusher was stopped");
        } finally {
            disconnect();
        }
    }

    void close() {
        closed = true;
    }

    private void flush(List<PendingWrite> batch) throws InterruptedException {
        try {
            commit(batch);
        } catch (GaveUp gaveUp) {
            batch.forEach(write -> write.answer().completeExceptionally(gaveUp.status));
        } catch (InterruptedException stopped) {
            batch.forEach(write -> write.answer().completeExceptionally(SqlErrors.outcomeUnknown()));
            throw stopped;
        } catch (StatusException unsent) {
            batch.forEach(write -> write.answer().completeExceptionally(unsent));
        } catch (RuntimeException e) {
            log.error("A batch failed", e);
            batch.forEach(write -> write.answer().completeExceptionally(SqlErrors.notStorable()));
        }
    }

    private void commit(List<PendingWrite> batch) throws GaveUp, InterruptedException {
        BatchCommit commit = new BatchCommit(batch);
        long deadline = batch.stream()
                .mapToLong(PendingWrite::deadlineNanos)
                .reduce((left, right) -> left - right > 0 ? left : right)
                .orElseThrow();
        boolean unknown = false;
        int attempt = 0;
        while (true) {
            try {
                Connection usable = connected(deadline, unknown);
                if (unknown) {
                    List<Outcome> happened = resolve(usable, commit);
                    if (happened != null) {
                        answer(happened);
                        return;
                    }
                    unknown = false;
                }
                long sent = System.nanoTime();
                CrashPoint.BATCH_TAKEN.passed();
                List<Outcome> outcomes = commit.run(usable, resources, seal, others.getAsBoolean());
                CrashPoint.BATCH_COMMITTED.passed();
                commits.record(Duration.ofNanos(System.nanoTime() - sent));
                batches.record(batch.size());
                knownRevision = commit.counterAfter();
                answer(outcomes);
                partitions.filledUpTo(knownRevision);
                return;
            } catch (SQLException e) {
                attempt++;
                if (SqlErrors.connectionLost(e)) {
                    log.warn("The connection was lost during a commit: {}", e.getMessage());
                    disconnect();
                    unknown = true;
                } else if (SqlErrors.noRoom(e)) {
                    log.error("The database has no room left: {}", e.getMessage());
                    throw new GaveUp(SqlErrors.full());
                } else if (SqlErrors.readOnly(e) && deadline - System.nanoTime() > 0) {
                    disconnect();
                    Thread.sleep(LONGEST_PAUSE_MILLIS);
                } else if (SqlErrors.noPartition(e) && attempt < ATTEMPTS) {
                    partitions.tryToMakeRoom();
                } else if (!SqlErrors.passing(e) || attempt >= ATTEMPTS) {
                    isolate(batch, e);
                    return;
                }
            }
        }
    }

    /** A bad row fails alone, never its neighbours. */
    private void isolate(List<PendingWrite> batch, SQLException e) throws InterruptedException {
        if (batch.size() == 1) {
            log.error("The database refused a write of {}: {}", batch.getFirst().written(), e.getMessage());
            batch.getFirst().answer().completeExceptionally(SqlErrors.notStorable());
            return;
        }
        for (PendingWrite write : batch) {
            flush(List.of(write));
        }
    }

    private void answer(List<Outcome> outcomes) {
        List<Change> changes = new ArrayList<>();
        outcomes.forEach(outcome -> changes.addAll(outcome.changes()));
        if (!changes.isEmpty()) {
            committed.accept(changes);
        }
        CrashPoint.BATCH_VISIBLE.passed();
        for (Outcome outcome : outcomes) {
            if (outcome.conflict() != null) {
                outcome.write().answer().completeExceptionally(outcome.conflict());
            } else {
                List<Entry> entries =
                        outcome.changes().stream().map(Change::entry).toList();
                outcome.write().answer().complete(entries);
            }
        }
    }

    /**
     * Finds out what became of a batch whose connection was lost: null when it was not committed and never will be. The
     * old backend is ended first, and the row lock waits for what it may still be doing.
     */
    private @Nullable List<Outcome> resolve(Connection usable, BatchCommit commit) throws SQLException {
        try (PreparedStatement end = usable.prepareStatement("select pg_terminate_backend(pid, 5000)"
                + " from pg_stat_activity where application_name = ? and pid <> pg_backend_pid()")) {
            end.setString(1, applicationName);
            end.executeQuery().close();
        }
        usable.setAutoCommit(false);
        try (Statement statement = usable.createStatement()) {
            statement.executeQuery("select revision from store_meta for update").close();
            List<Outcome> happened =
                    commit.isLogged(usable, knownRevision) ? commit.recovered(usable, resources, knownRevision) : null;
            usable.commit();
            log.info("A batch of {} was {}", commit.writes().size(), happened == null ? "not committed" : "committed");
            return happened;
        } finally {
            usable.setAutoCommit(true);
        }
    }

    private Connection connected(long deadline, boolean unknown) throws GaveUp, InterruptedException {
        Connection current = connection;
        if (current != null) {
            return current;
        }
        boolean told = false;
        for (long pause = 50; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS)) {
            try {
                Connection opened = connections.open();
                connection = opened;
                if (prepare(opened) && unknown) {
                    // After a restore or failover nobody can tell.
                    throw new GaveUp(SqlErrors.outcomeUnknown());
                }
                return opened;
            } catch (SQLException e) {
                disconnect();
                if (!told) {
                    log.warn("The database cannot be reached: {}", e.getMessage());
                    told = true;
                }
                if (closed
                        || deadline - System.nanoTime()
                                <= Duration.ofMillis(pause).toNanos()) {
                    throw new GaveUp(unknown ? SqlErrors.outcomeUnknown() : SqlErrors.unavailable());
                }
                Thread.sleep(pause);
            }
        }
    }

    /** Makes a new connection fit for commits; answers whether revisions jumped since the connection before. */
    private boolean prepare(Connection opened) throws SQLException {
        opened.setAutoCommit(true);
        opened.setNetworkTimeout(
                Runnable::run, Math.toIntExact(properties.writeDeadline().toMillis()));
        try (Statement statement = opened.createStatement()) {
            statement.execute("set application_name = '" + applicationName + "'");
            statement.execute(SESSION);
        }
        opened.unwrap(PGConnection.class).setPrepareThreshold(1);
        StoreIdentity.verify(opened);
        if (counter(opened).revision < knownRevision) {
            log.error("The database went back behind revision {}: revisions jump, clients read anew", knownRevision);
            StoreIdentity.raise(opened, knownRevision);
        }
        Counter now = counter(opened);
        // Another replica may have been the first to notice.
        boolean jumped = !knownEpoch.isEmpty() && !knownEpoch.equals(now.epoch);
        if (jumped) {
            resources.forget();
        }
        if (jumped || knownEpoch.isEmpty()) {
            knownRevision = now.revision;
            knownEpoch = now.epoch;
        }
        backendPid = opened.unwrap(PGConnection.class).getBackendPID();
        return jumped;
    }

    private record Counter(long revision, String epoch) {}

    private static Counter counter(Connection opened) throws SQLException {
        try (Statement statement = opened.createStatement();
                ResultSet row = statement.executeQuery("select revision, epoch from store_meta")) {
            row.next();
            return new Counter(row.getLong(1), row.getString(2));
        }
    }

    private void disconnect() {
        backendPid = 0;
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                log.debug("The connection was closed already: {}", e.getMessage());
            }
        }
    }
}
