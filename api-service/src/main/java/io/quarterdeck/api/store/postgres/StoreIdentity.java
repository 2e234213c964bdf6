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
 * Whether this is the database that it was. PostgreSQL's system identifier and timeline change with a restore into
 * another server and with a failover, the numbers of table and database with a dump that is restored into the same server
 * or a copy that takes its place. After any of them acknowledged revisions may be missing: the counter jumps, so that no
 * revision is given out twice, and clients read anew.
 */
final class StoreIdentity {

    /** More than any store commits between two checks. */
    private static final long JUMP = 1L << 32;

    private static final Logger log = LoggerFactory.getLogger(StoreIdentity.class);
    private static final String NOW = "select system_identifier as system,"
            + " ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::integer as timeline,"
            + " 'store_meta'::regclass::oid::bigint as table_number,"
            + " (select oid::bigint from pg_database where datname = current_database()) as database_number"
            + " from pg_control_system()";
    private static final String SAME =
            "select store_meta.system_identifier = now.system and store_meta.timeline = now.timeline"
                    + " and store_meta.table_number = now.table_number"
                    + " and store_meta.database_number = now.database_number from store_meta, (" + NOW
                    + ") now for update of store_meta";
    private static final String TAKE = "update store_meta set system_identifier = now.system, timeline = now.timeline,"
            + " table_number = now.table_number, database_number = now.database_number from (" + NOW + ") now";

    private StoreIdentity() {}

    /** Answers whether the counter had to jump. The connection is in auto-commit mode before and after. */
    static boolean verify(Connection connection) throws SQLException {
        return inTransaction(connection, statement -> {
            try (ResultSet row = statement.executeQuery(SAME)) {
                row.next();
                if (row.getBoolean(1)) {
                    return false;
                }
            }
            log.warn("The database was restored or failed over: revisions jump, clients read anew");
            statement.executeUpdate(TAKE);
            jump(statement, 0);
            return true;
        });
    }

    /** The same by hand, or because the counter is seen to be behind {@code known}, a revision that was given out. */
    static void raise(Connection connection, long known) throws SQLException {
        inTransaction(connection, statement -> {
            statement.executeQuery("select revision from store_meta for update").close();
            jump(statement, known);
            return true;
        });
    }

    private static void jump(Statement statement, long known) throws SQLException {
        String raised = "greatest(revision, " + known + ") + " + JUMP;
        statement.executeUpdate("update store_meta set revision = " + raised + ", compacted_revision = " + raised
                + ", epoch = gen_random_uuid()::text");
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
