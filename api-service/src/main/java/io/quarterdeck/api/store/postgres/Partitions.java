package io.quarterdeck.api.store.postgres;

import io.quarterdeck.api.store.CrashPoint;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of the change log: attached ahead of the counter, detached and dropped behind the horizon, never with a
 * lock that a commit would wait for. One process at a time works on them.
 */
final class Partitions {

    private static final Logger log = LoggerFactory.getLogger(Partitions.class);
    private static final Pattern BOUNDS = Pattern.compile("FROM \\('(\\d+)'\\) TO \\('(\\d+)'\\)");
    private static final String LOCK = "quarterdeck_store_partitions";

    /** Of one partition: the window holds about so many. */
    private static final int PER_WINDOW = 12;

    static final long LEAST_WIDTH = 10_000;
    private static final long GREATEST_WIDTH = 100_000_000;
    private static final long TYPICAL_CHANGE_BYTES = 1_600;
    private static final int ATTEMPTS = 5;

    private final ConnectionSource connections;
    private final Duration period;
    private final long size;
    private final long leastWidth;
    private final Runnable roomIsShort;
    private final long startedAt = System.nanoTime();
    private long startRevision = -1;
    private volatile long shortFrom;

    /**
     * @param leastWidth how many revisions a partition holds at least
     * @param roomIsShort called by whoever commits, again and again until there is more room: must be quick
     */
    Partitions(ConnectionSource connections, Duration period, long size, long leastWidth, Runnable roomIsShort) {
        this.connections = connections;
        this.period = period;
        this.size = size;
        this.leastWidth = leastWidth;
        this.roomIsShort = roomIsShort;
    }

    /** Holds revisions from {@code from} (included) to {@code to} (not included). */
    private record Partition(String name, long from, long to, long bytes, boolean detaching) {}

    @FunctionalInterface
    private interface Work {
        void run(Statement statement) throws SQLException;
    }

    /** Attaches what the next revisions need. */
    void makeRoom() throws SQLException {
        alone(statement -> {
            long revision = revision(statement);
            List<Partition> partitions = partitions(statement);
            boolean covered = partitions.stream().anyMatch(p -> p.from <= revision + 1 && revision + 1 < p.to);
            long end = partitions.stream().mapToLong(Partition::to).max().orElse(0);
            long width = width(revision, partitions);
            if (!covered) {
                attach(statement, revision + 1, revision + 1 + width);
                end = revision + 1 + width;
            }
            while (end - revision < 2 * width) {
                attach(statement, end, end + width);
                end += width;
            }
            shortFrom = end - width;
        });
    }

    /** Told of each commit, so that room is made before it is needed. */
    void filledUpTo(long revision) {
        if (revision >= shortFrom) {
            roomIsShort.run();
        }
    }

    /** The same for a commit that met the end of the room: when it fails, the next attempt to commit tells why. */
    void tryToMakeRoom() {
        try {
            makeRoom();
        } catch (SQLException e) {
            log.error("The change log gets no room: {}", e.getMessage());
        }
    }

    private long width(long revision, List<Partition> partitions) {
        if (startRevision < 0) {
            startRevision = revision;
        }
        double seconds = Math.max(1, (System.nanoTime() - startedAt) / 1e9);
        double byRate = (revision - startRevision) / seconds * period.toSeconds() / PER_WINDOW;
        long bytes = partitions.stream().mapToLong(Partition::bytes).sum();
        long changes =
                revision - partitions.stream().mapToLong(Partition::from).min().orElse(0);
        double each = changes > leastWidth / 10 ? Math.max(100.0, (double) bytes / changes) : TYPICAL_CHANGE_BYTES;
        double bySize = size / each / PER_WINDOW;
        return (long) Math.clamp(Math.min(byRate, bySize), leastWidth, GREATEST_WIDTH);
    }

    private static void attach(Statement statement, long from, long to) throws SQLException {
        String name = "object_change_" + from;
        statement.execute("drop table if exists " + name);
        statement.execute("create table " + name + " (like object_change including all)");
        CrashPoint.PARTITION_MADE.passed();
        // With this the attachment needs no scan, and so no long lock.
        statement.execute("alter table " + name + " add constraint bounds check (revision >= " + from
                + " and revision < " + to + ")");
        statement.execute("alter table object_change attach partition " + name + " for values from (" + from + ") to ("
                + to + ")");
        statement.execute("alter table " + name + " drop constraint bounds");
        log.info("The change log has room for revisions up to {}", to - 1);
    }

    /** Removes what is older than the period, and the oldest while all together are too large. */
    void compact() throws SQLException {
        alone(statement -> {
            long revision = revision(statement);
            List<Partition> partitions = partitions(statement);
            long total = partitions.stream().mapToLong(Partition::bytes).sum();
            for (Partition partition : partitions) {
                if (partition.to > revision
                        || !(partition.detaching || total > size || outlived(statement, partition))) {
                    break;
                }
                // Readers find out from this number that changes are gone, so it goes first.
                statement.executeUpdate("update store_meta set compacted_revision = " + (partition.to - 1)
                        + " where compacted_revision < " + (partition.to - 1));
                CrashPoint.HORIZON_MOVED.passed();
                statement.execute("alter table object_change detach partition " + partition.name
                        + (partition.detaching ? " finalize" : " concurrently"));
                CrashPoint.PARTITION_DETACHED.passed();
                statement.execute("drop table " + partition.name);
                total -= partition.bytes;
                log.info("Changes up to revision {} are compacted", partition.to - 1);
            }
            dropOrphans(statement);
        });
    }

    private boolean outlived(Statement statement, Partition partition) throws SQLException {
        try (ResultSet row = statement.executeQuery("select at < now() - interval '" + period.toSeconds()
                + " seconds' from " + partition.name + " order by revision desc limit 1")) {
            return !row.next() || row.getBoolean(1);
        }
    }

    /** What an interrupted attachment or detachment left behind. */
    private static void dropOrphans(Statement statement) throws SQLException {
        List<String> orphans = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("select c.relname from pg_class c"
                + " where c.relname ~ '^object_change_[0-9]+$' and c.relkind = 'r'"
                + " and c.relnamespace = current_schema()::regnamespace"
                + " and not exists (select 1 from pg_inherits i where i.inhrelid = c.oid)")) {
            while (rows.next()) {
                orphans.add(rows.getString(1));
            }
        }
        for (String orphan : orphans) {
            statement.execute("drop table " + orphan);
        }
    }

    private static long revision(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select revision from store_meta")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** In order of their revisions. */
    private static List<Partition> partitions(Statement statement) throws SQLException {
        List<Partition> partitions = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("select c.relname, pg_get_expr(c.relpartbound, c.oid),"
                + " pg_total_relation_size(c.oid), i.inhdetachpending from pg_inherits i"
                + " join pg_class c on c.oid = i.inhrelid where i.inhparent = 'object_change'::regclass")) {
            while (rows.next()) {
                Matcher bounds = BOUNDS.matcher(rows.getString(2));
                if (bounds.find()) {
                    partitions.add(new Partition(
                            rows.getString(1),
                            Long.parseLong(bounds.group(1)),
                            Long.parseLong(bounds.group(2)),
                            rows.getLong(3),
                            rows.getBoolean(4)));
                }
            }
        }
        partitions.sort((left, right) -> Long.compare(left.from, right.from));
        return partitions;
    }

    /** Works under an advisory lock of the session, with short lock waits, and again when one was too long. */
    private synchronized void alone(Work work) throws SQLException {
        try (Connection connection = connections.open();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            statement.execute("select pg_advisory_lock(hashtext('" + LOCK + "'))");
            statement.execute("set lock_timeout = '500ms'");
            for (int attempt = 1; ; attempt++) {
                try {
                    work.run(statement);
                    return;
                } catch (SQLException e) {
                    if (!SqlErrors.passing(e) || attempt == ATTEMPTS) {
                        throw e;
                    }
                }
            }
        }
    }
}
