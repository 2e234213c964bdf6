package io.quarterdeck.embedded.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The broker's and the clients' properties: one small broker that is its own controller. */
record BrokerConfiguration(
        int port,
        int controllerPort,
        Path logs,
        Credentials credentials,
        @Nullable Pem tls) {
    static final int NODE_ID = 1;
    static final String CONTROLLER_LISTENER = "CONTROLLER";
    private static final String CLIENT_LISTENER = "CLIENTS";
    private static final String LOGIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule";

    // An object of 1.5 MiB, twice (old and new), with room for the envelope.
    private static final int MAX_MESSAGE = 4 << 20;

    /** The only identity that the broker knows. */
    record Credentials(String username, String password) {
        @Override
        public String toString() {
            return username;
        }
    }

    /** Contents of the PEM files. */
    record Pem(String certificate, String key, String authority) {
        static @Nullable Pem read(KafkaSettings.@Nullable Tls files) throws IOException {
            return files == null
                    ? null
                    : new Pem(
                            Files.readString(files.certificate()),
                            Files.readString(files.key()),
                            Files.readString(files.authority()));
        }

        @Override
        public String toString() {
            return "PEM";
        }
    }

    private String protocol() {
        return tls == null ? "SASL_PLAINTEXT" : "SASL_SSL";
    }

    Properties broker() {
        var p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", Integer.toString(NODE_ID));
        p.put("log.dirs", logs.toString());
        p.put(
                "listeners",
                CLIENT_LISTENER + "://127.0.0.1:" + port + "," + CONTROLLER_LISTENER + "://127.0.0.1:"
                        + controllerPort);
        p.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        p.put("controller.listener.names", CONTROLLER_LISTENER);
        p.put("inter.broker.listener.name", CLIENT_LISTENER);
        p.put(
                "listener.security.protocol.map",
                CLIENT_LISTENER + ":" + protocol() + "," + CONTROLLER_LISTENER + ":" + protocol());
        p.put("sasl.enabled.mechanisms", "PLAIN");
        p.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        p.put("sasl.mechanism.controller.protocol", "PLAIN");
        for (String listener : new String[] {CLIENT_LISTENER, CONTROLLER_LISTENER}) {
            p.put("listener.name." + listener.toLowerCase(Locale.ROOT) + ".plain.sasl.jaas.config", jaas(true));
        }
        if (tls != null) {
            p.put("ssl.keystore.type", "PEM");
            p.put("ssl.keystore.certificate.chain", tls.certificate());
            p.put("ssl.keystore.key", tls.key());
            p.putAll(truststore(tls));
            p.put("ssl.enabled.protocols", "TLSv1.3");
        }

        p.put("message.max.bytes", Integer.toString(MAX_MESSAGE));
        p.put("replica.fetch.max.bytes", Integer.toString(MAX_MESSAGE));
        p.put("socket.request.max.bytes", Integer.toString(4 * MAX_MESSAGE));

        // One broker: nothing to replicate to, nobody to wait for.
        p.put("offsets.topic.num.partitions", "1");
        p.put("offsets.topic.replication.factor", "1");
        p.put("transaction.state.log.num.partitions", "1");
        p.put("transaction.state.log.replication.factor", "1");
        p.put("transaction.state.log.min.isr", "1");
        p.put("share.coordinator.state.topic.num.partitions", "1");
        p.put("share.coordinator.state.topic.replication.factor", "1");
        p.put("share.coordinator.state.topic.min.isr", "1");
        p.put("group.initial.rebalance.delay.ms", "0");
        p.put("group.min.session.timeout.ms", "1000");
        // A broker killed without a word is remembered as alive for this long, and its successor waits.
        p.put("broker.session.timeout.ms", "3000");
        p.put("broker.heartbeat.interval.ms", "1000");
        // No other controller lags behind this one: nothing has to be written every half second to show it.
        p.put("metadata.max.idle.interval.ms", "0");
        p.put("controller.quorum.election.backoff.max.ms", "100");
        p.put("controller.quorum.election.timeout.ms", "200");

        // Small: a guest in the JVM of the control plane.
        p.put("num.network.threads", "1");
        p.put("num.io.threads", "2");
        p.put("num.replica.fetchers", "1");
        p.put("num.recovery.threads.per.data.dir", "1");
        p.put("background.threads", "1");
        p.put("group.coordinator.threads", "1");
        p.put("share.coordinator.threads", "1");
        p.put("log.cleaner.threads", "1");
        p.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        p.put("log.index.size.max.bytes", Integer.toString(1 << 20));
        p.put("log.segment.bytes", Integer.toString(64 << 20));
        p.put("log.retention.bytes", Integer.toString(256 << 20));
        p.put("log.retention.hours", "24");
        p.put("offsets.load.buffer.size", Integer.toString(1 << 20));
        return p;
    }

    /** What a client of the broker needs: Kafka's own property names, to go to any client's configuration. */
    Map<String, String> client() {
        var p = new TreeMap<String, String>();
        p.put("bootstrap.servers", "127.0.0.1:" + port);
        p.put("security.protocol", protocol());
        p.put("sasl.mechanism", "PLAIN");
        p.put("sasl.jaas.config", jaas(false));
        if (tls != null) {
            p.putAll(truststore(tls));
        }
        return p;
    }

    private static Map<String, String> truststore(Pem tls) {
        return Map.of("ssl.truststore.type", "PEM", "ssl.truststore.certificates", tls.authority());
    }

    private String jaas(boolean accept) {
        String login = LOGIN_MODULE + " required username=\"" + credentials.username() + "\" password=\""
                + credentials.password() + "\"";
        return accept
                ? login + " user_" + credentials.username() + "=\"" + credentials.password() + "\";"
                : login + ";";
    }
}
