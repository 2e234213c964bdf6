package io.quarterdeck.api.store.postgres;

import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what is kept up to the seal's present rules, while the store works: bodies change their form and nothing else, so
 * no revision moves and no watcher hears of it. Objects first, then the change log. One at a time.
 */
final class Resealing {

    private static final Logger log = LoggerFactory.getLogger(Resealing.class);
    private static final int PART = 200;

    private final ConnectionSource connections;
    private final ResourceIds resources;
    private final BodySeal seal;
    private long done;

    Resealing(ConnectionSource connections, ResourceIds resources, BodySeal seal) {
        this.connections = connections;
        this.resources = resources;
        this.seal = seal;
    }

    private record Row(int resource, String key, long revision, byte[] body) {}

    /** Does nothing when nothing changed since it was last here. */
    void run() throws SQLException {
        long generation = seal.generation();
        if (generation == done) {
            return;
        }
        try (Connection connection = connections.open()) {
            connection.setAutoCommit(true);
            long changed = 0;
            for (Map.Entry<Integer, GroupResource> each :
                    resources.all(connection).entrySet()) {
                BodySeal.Wanted wanted = seal.wanted(each.getValue());
                changed += table(connection, "object", each.getKey(), each.getValue(), wanted);
                changed += table(connection, "object_change", each.getKey(), each.getValue(), wanted);
            }
            if (changed > 0) {
                log.info("{} kept bodies follow the encryption configuration now", changed);
            }
        }
        done = generation;
    }

    private long table(Connection connection, String table, int resource, GroupResource storage, BodySeal.Wanted wanted)
            throws SQLException {
        String outOfDate = wanted.sealed() ? "substring(body from 1 for ?) <> ?" : "substring(body from 1 for ?) = ?";
        long changed = 0;
        String after = "";
        long behind = 0;
        while (true) {
            List<Row> rows = new ArrayList<>();
            // The key's order is the bytes' own, so it can be walked while writers come and go.
            try (PreparedStatement select = connection.prepareStatement("select key, revision, body from " + table
                    + " where resource_id = ? and (key, revision) > (?, ?) and " + outOfDate
                    + " order by key, revision limit " + PART)) {
                select.setInt(1, resource);
                select.setString(2, after);
                select.setLong(3, behind);
                select.setInt(4, wanted.prefix().length);
                select.setBytes(5, wanted.prefix());
                try (ResultSet found = select.executeQuery()) {
                    while (found.next()) {
                        rows.add(new Row(resource, found.getString(1), found.getLong(2), found.getBytes(3)));
                    }
                }
            }
            if (rows.isEmpty()) {
                return changed;
            }
            changed += rewrite(connection, table, storage, rows);
            after = rows.getLast().key();
            behind = rows.getLast().revision();
        }
    }

    private long rewrite(Connection connection, String table, GroupResource storage, List<Row> rows)
            throws SQLException {
        // A row that was written meanwhile has another revision, and the new form already.
        try (PreparedStatement update = connection.prepareStatement(
                "update " + table + " set body = ? where resource_id = ? and key = ? and revision = ?")) {
            for (Row row : rows) {
                int slash = row.key().indexOf('/');
                StoreKey key = new StoreKey(
                        storage,
                        new ObjectKey(row.key().substring(0, slash), row.key().substring(slash + 1)));
                update.setBytes(1, seal.seal(key, seal.open(key, row.body())));
                update.setInt(2, row.resource());
                update.setString(3, row.key());
                update.setLong(4, row.revision());
                update.addBatch();
            }
            long changed = 0;
            for (int one : update.executeBatch()) {
                changed += one;
            }
            return changed;
        }
    }
}
