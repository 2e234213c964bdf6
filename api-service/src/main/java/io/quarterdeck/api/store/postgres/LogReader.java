package io.quarterdeck.api.store.postgres;

import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.CompactedException;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** Everything that the store reads outside of commits, on pooled connections. Thread-safe. */
final class LogReader {

    private static final int FETCH_SIZE = 1_000;

    /** Of a page of changes: so many bodies are in memory twice. */
    private static final int PAGE_FETCH_SIZE = 64;

    private static final long PAGE_BYTES = 16 << 20;
    private static final Change.Type[] TYPES = {Change.Type.ADDED, Change.Type.MODIFIED, Change.Type.DELETED};
    private static final String CHANGE_COLUMNS = "select revision, at, type, resource_id, key, previous_revision,"
            + " created_revision, stored_version, body, transaction_revision, actor, audit_id, cause from object_change";

    private final DataSource pool;
    private final ResourceIds resources;
    private final HeaderReader headers;
    private final BodySeal seal;

    LogReader(DataSource pool, ResourceIds resources, HeaderReader headers, BodySeal seal) {
        this.pool = pool;
        this.resources = resources;
        this.headers = headers;
        this.seal = seal;
    }

    @FunctionalInterface
    private interface Reading<T> {
        T from(Connection connection) throws SQLException;
    }

    private <T> T read(Reading<T> reading) {
        try (Connection connection = pool.getConnection()) {
            return reading.from(connection);
        } catch (SQLException e) {
            throw SqlErrors.unavailable();
        }
    }

    long committedRevision() {
        return number("revision");
    }

    long compactedRevision() {
        return number("compacted_revision");
    }

    private long number(String column) {
        return read(connection -> number(connection, column));
    }

    private static long number(Connection connection, String column) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select " + column + " from store_meta");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    String epoch() {
        return read(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select epoch from store_meta")) {
                row.next();
                return row.getString(1);
            }
        });
    }

    long load(Consumer<Entry> each) {
        return read(connection -> {
            // One snapshot for the counter and all objects.
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            try (Statement statement = connection.createStatement()) {
                long revision = number(connection, "revision");
                statement.setFetchSize(FETCH_SIZE);
                try (ResultSet rows = statement.executeQuery("select resource_id, key, revision, created_revision,"
                        + " stored_version, body from object order by resource_id, key")) {
                    while (rows.next()) {
                        StoreKey key = key(connection, rows.getInt(1), rows.getString(2));
                        each.accept(entry(key, rows.getLong(3), rows.getLong(4), rows.getString(5), rows.getBytes(6)));
                    }
                }
                return revision;
            } finally {
                connection.rollback();
                connection.setReadOnly(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
                connection.setAutoCommit(true);
            }
        });
    }

    List<Change> changesAfter(long revision, int limit) {
        return read(connection -> {
            List<Change> changes = pageAfter(connection, revision, limit);
            boolean gap = changes.isEmpty() || changes.getFirst().entry().revision() != revision + 1;
            if (gap) {
                // Compaction advances this number before it removes anything, so it is read behind the rows.
                long compacted = number(connection, "compacted_revision");
                if (revision < compacted) {
                    throw new CompactedException(revision, compacted);
                }
            }
            return changes;
        });
    }

    /**
     * A page without gaps behind its first change: where revisions jump (see {@link StoreIdentity}) a page ends, and the
     * next one begins with the gap. It also ends when it is large.
     */
    private List<Change> pageAfter(Connection connection, long revision, int limit) throws SQLException {
        List<Change> page = new ArrayList<>();
        connection.setAutoCommit(false);
        try (PreparedStatement statement =
                connection.prepareStatement(CHANGE_COLUMNS + " where revision > ? order by revision limit ?")) {
            statement.setLong(1, revision);
            statement.setInt(2, limit);
            statement.setFetchSize(PAGE_FETCH_SIZE);
            long bytes = 0;
            try (ResultSet rows = statement.executeQuery()) {
                while (bytes < PAGE_BYTES && rows.next()) {
                    Change change = change(connection, rows);
                    if (!page.isEmpty()
                            && change.entry().revision()
                                    != page.getLast().entry().revision() + 1) {
                        break;
                    }
                    page.add(change);
                    bytes += change.entry().body().length;
                }
            }
            return page;
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    List<Change> changesAt(Collection<Long> revisions) {
        if (revisions.isEmpty()) {
            return List.of();
        }
        return read(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement(CHANGE_COLUMNS + " where revision = any (?) order by revision")) {
                statement.setArray(1, connection.createArrayOf("bigint", revisions.toArray()));
                return changes(connection, statement);
            }
        });
    }

    private List<Change> changes(Connection connection, PreparedStatement statement) throws SQLException {
        List<Change> changes = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                changes.add(change(connection, rows));
            }
        }
        return changes;
    }

    private Change change(Connection connection, ResultSet row) throws SQLException {
        StoreKey key = key(connection, row.getInt(4), row.getString(5));
        return new Change(
                TYPES[row.getInt(3)],
                entry(key, row.getLong(1), row.getLong(7), row.getString(8), row.getBytes(9)),
                row.getLong(6),
                row.getLong(10),
                row.getObject(2, OffsetDateTime.class).toInstant(),
                row.getString(11),
                row.getString(12),
                row.getString(13));
    }

    private StoreKey key(Connection connection, int resource, String path) throws SQLException {
        GroupResource storage = resources.storageOf(connection, resource);
        int slash = path.indexOf('/');
        return new StoreKey(storage, new ObjectKey(path.substring(0, slash).intern(), path.substring(slash + 1)));
    }

    private Entry entry(StoreKey key, long revision, long created, String version, byte[] kept) {
        byte[] body = seal.open(key, kept);
        return new Entry(
                key,
                revision,
                created,
                version.intern(),
                RevisionSlot.fill(body, revision),
                headers.read(key.storage(), body));
    }
}
