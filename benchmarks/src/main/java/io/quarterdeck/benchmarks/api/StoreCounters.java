package io.quarterdeck.benchmarks.api;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What a store has written to its log so far.
 *
 * @param syncs how often it waited for the disk
 */
record StoreCounters(double walBytes, double syncs) {

    /** @param source a JDBC URL of PostgreSQL, or the URL of etcd's metrics */
    static StoreCounters read(String source) throws IOException {
        return source.startsWith("jdbc:") ? postgres(source) : etcd(source);
    }

    private static StoreCounters postgres(String url) throws IOException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select (select wal_bytes from pg_stat_wal),"
                        + " (select sum(fsyncs) from pg_stat_io where object = 'wal')")) {
            row.next();
            return new StoreCounters(row.getDouble(1), row.getDouble(2));
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private static StoreCounters etcd(String url) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            String metrics = client.send(
                            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            return new StoreCounters(
                    metric(metrics, "etcd_disk_wal_write_bytes_total"),
                    metric(metrics, "etcd_disk_wal_fsync_duration_seconds_count"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static double metric(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    StoreCounters since(StoreCounters before) {
        return new StoreCounters(walBytes - before.walBytes, syncs - before.syncs);
    }
}
