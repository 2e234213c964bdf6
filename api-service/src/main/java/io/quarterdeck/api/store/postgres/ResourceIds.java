package io.quarterdeck.api.store.postgres;

import io.quarterdeck.model.GroupResource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/** The numbers of storages; the table is their only source. Thread-safe. */
final class ResourceIds {

    private final DataSource pool;
    private final Map<GroupResource, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, GroupResource> storages = new ConcurrentHashMap<>();

    ResourceIds(DataSource pool) {
        this.pool = pool;
    }

    int idOf(GroupResource storage) {
        Integer known = ids.get(storage);
        if (known != null) {
            return known;
        }
        try (Connection connection = pool.getConnection()) {
            try (PreparedStatement insert =
                    connection.prepareStatement("insert into resource (storage_group, storage_resource)"
                            + " values (?, ?) on conflict (storage_group, storage_resource) do nothing")) {
                insert.setString(1, storage.group());
                insert.setString(2, storage.resource());
                insert.executeUpdate();
            }
            readAll(connection);
        } catch (SQLException e) {
            throw SqlErrors.unavailable();
        }
        return ids.getOrDefault(storage, 0);
    }

    /** After a restore a storage may have another number. */
    void forget() {
        ids.clear();
        storages.clear();
    }

    GroupResource storageOf(Connection connection, int id) throws SQLException {
        GroupResource known = storages.get(id);
        if (known == null) {
            readAll(connection);
            known = storages.get(id);
            if (known == null) {
                throw new IllegalStateException("no resource has the id " + id);
            }
        }
        return known;
    }

    /** All ids and what they stand for. */
    Map<Integer, GroupResource> all(Connection connection) throws SQLException {
        readAll(connection);
        return Map.copyOf(storages);
    }

    private void readAll(Connection connection) throws SQLException {
        try (PreparedStatement all =
                        connection.prepareStatement("select id, storage_group, storage_resource from resource");
                ResultSet rows = all.executeQuery()) {
            while (rows.next()) {
                GroupResource storage = new GroupResource(rows.getString(2), rows.getString(3));
                storages.put(rows.getInt(1), storage);
                ids.put(storage, rows.getInt(1));
            }
        }
    }
}
