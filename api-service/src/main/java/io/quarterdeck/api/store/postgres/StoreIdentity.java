package io.quarterdeck.api.store.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this is the database that it was: PostgreSQL's system identifier and timeline change with a restore or a
 * failover, after which acknowledged revisions may be missing. Then the counter jumps, so that no revision is given out
 * twice, and clients read anew.
 */
final class StoreIdentity {

    /** More than any store commits between two checks. */
    private static final long JUMP = 1L << 32;

    private static final Logger log = LoggerFactory.getLogger(StoreIdentity.class);
    private static final String NOW = "select system_identifier,"
            + " ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::integer"
            + " from pg_control_system()";

    private StoreIdentity() {}

    /** Answers whether the counter had to jump. The connection is in auto-commit mode before and after. */
    static boolean verify(Connection connection) throws SQLException {
        return inTransaction(connection, statement -> {
            long system;
            int timeline;
            try (ResultSet row = statement.executeQuery(NOW)) {
                row.next();
                system = row.getLong(1);
                timeline = row.getInt(2);
            }
            try (ResultSet row =
                    statement.executeQuery("select system_identifier, timeline from store_meta for update")) {
                row.next();
                if (row.getLong(1) == system && row.getInt(2) == timeline) {
                    return false;
                }
                log.warn(
                        "The database was restored or failed over (system {}, timeline {}, before {}, {}): revisions"
                                + " jump, clients read anew",
                        system,
                        timeline,
                        row.getLong(1),
                        row.getInt(2));
            }
            statement.executeUpdate("update store_meta set system_identifier = " + system + ", timeline = " + timeline);
            jump(statement);
            return true;
        });
    }

    /** The same by hand. */
    static void raise(Connection connection) throws SQLException {
        inTransaction(connection, statement -> {
            statement.executeQuery("select revision from store_meta for update").close();
            jump(statement);
            return true;
        });
    }

    private static void jump(Statement statement) throws SQLException {
        statement.executeUpdate("update store_meta set revision = revision + " + JUMP
                + ", compacted_revision = revision + " + JUMP + ", epoch = gen_random_uuid()::text");
        statement.execute("select pg_notify('quarterdeck_store', '')");
    }

    @FunctionalInterface
    private interface Work {
        boolean run(Statement statement) throws SQLException;
    }

    private static boolean inTransaction(Connection connection, Work work) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            boolean result = work.run(statement);
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** The settings that let PostgreSQL lose what it acknowledged; empty when it is durable. */
    static List<String> undurableSettings(Connection connection) throws SQLException {
        List<String> off = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select name from pg_settings where setting = 'off'"
                        + " and name in ('fsync', 'synchronous_commit', 'full_page_writes') order by name")) {
            while (rows.next()) {
                off.add(rows.getString(1));
            }
        }
        return off;
    }
}
