package io.quarterdeck.embedded.postgres;

import java.util.Map;
import java.util.TreeMap;

/** The text of postgresql.conf and pg_hba.conf; paths are relative to the data directory. Pure. */
final class ServerConfiguration {
    private ServerConfiguration() {}

    static final String CERTIFICATE = "server.crt";
    static final String KEY = "server.key";

    static String postgresqlConf(int port, boolean tls, Map<String, String> parameters) {
        var lines = new TreeMap<String, String>();
        // What an acknowledged write rests on. These are PostgreSQL's defaults too; written out, nobody wonders.
        lines.put("fsync", "on");
        lines.put("synchronous_commit", "on");
        lines.put("full_page_writes", "on");

        lines.put("listen_addresses", "127.0.0.1");
        lines.put("unix_socket_directories", "");
        lines.put("password_encryption", "scram-sha-256");
        lines.put("max_connections", "60");
        lines.put("superuser_reserved_connections", "3");

        // One small database for one machine: few processes, little memory.
        lines.put("shared_buffers", "64MB");
        lines.put("io_method", "sync");
        lines.put("max_worker_processes", "2");
        lines.put("max_parallel_workers_per_gather", "0");
        lines.put("max_logical_replication_workers", "0");
        lines.put("max_wal_size", "512MB");
        lines.put("wal_compression", "on");
        lines.put("checkpoint_completion_target", "0.9");
        lines.put("jit", "off");
        lines.put("huge_pages", "off");

        lines.put("lc_messages", "C");
        lines.put("timezone", "UTC");
        lines.put("log_timezone", "UTC");
        lines.put("log_line_prefix", "%m [%p] ");
        lines.put("log_checkpoints", "off");
        // A statement that fails may carry a Secret's bytes in its parameters.
        lines.put("log_parameter_max_length_on_error", "0");
        lines.put("log_min_error_statement", "panic");
        lines.putAll(parameters);
        lines.put("port", Integer.toString(port));
        if (tls) {
            lines.put("ssl", "on");
            lines.put("ssl_min_protocol_version", "TLSv1.3");
            lines.put("ssl_cert_file", CERTIFICATE);
            lines.put("ssl_key_file", KEY);
        }
        var text = new StringBuilder("# Written at every start.\n");
        lines.forEach((name, value) -> text.append(name)
                .append(" = '")
                .append(value.replace("'", "''"))
                .append("'\n"));
        return text.toString();
    }

    static String hbaConf(boolean tls) {
        return (tls ? "hostssl" : "host") + " all all 127.0.0.1/32 scram-sha-256\n";
    }
}
