package io.quarterdeck.api.encryption;

import static io.quarterdeck.api.store.Samples.key;
import static io.quarterdeck.api.store.Samples.put;
import static io.quarterdeck.api.store.Samples.remove;
import static io.quarterdeck.api.store.Samples.text;
import static io.quarterdeck.api.store.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.api.publish.ChangePublisher;
import io.quarterdeck.api.publish.KafkaClients;
import io.quarterdeck.api.publish.PublisherProperties;
import io.quarterdeck.api.publish.RelayLock;
import io.quarterdeck.api.registry.StreamingHeaderReader;
import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.postgres.ConnectionSource;
import io.quarterdeck.api.store.postgres.PostgresOrderedStore;
import io.quarterdeck.api.store.postgres.StoreProperties;
import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import io.quarterdeck.embedded.kafka.KafkaSettings;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.embedded.postgres.PostgresSettings;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** A canary in a secret is looked for in every byte that PostgreSQL and Kafka leave on disk. */
class EncryptionAtRestIT {

    private static final GroupResource SECRETS = new GroupResource("", "secrets");
    private static final GroupResource MAPS = new GroupResource("", "configmaps");
    private static final Map<GroupResource, GroupVersionKind> KINDS = Map.of(
            SECRETS, new GroupVersionKind("", "v1", "Secret"), MAPS, new GroupVersionKind("", "v1", "ConfigMap"));
    private static final String FIRST =
            "{aesgcm: {keys: [{name: first, secret: c2VjcmV0IGlzIHNlY3VyZSwgb3IgaXMgaXQ/ISEhISE=}]}}";
    private static final String SECOND =
            "{envelope: {keys: [{name: second, secret: b3RoZXIgaXMgc2VjdXJlLCBvciBpcyBpdCBub3Q/ISE=}]}}";

    @TempDir
    static Path directory;

    private static EmbeddedPostgres postgres;
    private static EmbeddedKafka kafka;
    private static HikariDataSource pool;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private int writes;

    @BeforeAll
    static void start() {
        postgres = EmbeddedPostgres.start(PostgresSettings.in(directory.resolve("postgres"))
                .withBinaries(Path.of("target").resolve("postgres-programs")));
        kafka = EmbeddedKafka.start(KafkaSettings.in(directory.resolve("kafka")));
        pool = new HikariDataSource();
        pool.setJdbcUrl(postgres.jdbcUrl());
        pool.setUsername(postgres.username());
        pool.setPassword(postgres.password());
        Flyway.configure().dataSource(pool).load().migrate();
    }

    @AfterAll
    static void stop() {
        pool.close();
        kafka.close();
        postgres.close();
    }

    private Path rules(String... providers) throws IOException {
        Path file = Files.writeString(
                directory.resolve("encryption.yaml"),
                "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n"
                        + "- {resources: [secrets], providers: [" + String.join(", ", providers) + "]}\n");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000L * ++writes));
        return file;
    }

    private static PostgresOrderedStore open(BodySeal seal) {
        return new PostgresOrderedStore(
                pool,
                ConnectionSource.of(postgres.jdbcUrl(), postgres.username(), postgres.password(), "encryption-test"),
                new StreamingHeaderReader(storage -> List.of()),
                seal,
                new Binder(new MapConfigurationPropertySource(Map.of()))
                        .bindOrCreate("quarterdeck.store", StoreProperties.class),
                new SimpleMeterRegistry());
    }

    private static ChangePublisher publisher(PostgresOrderedStore store, Predicate<GroupResource> hidden) {
        PublisherProperties properties = new Binder(
                        new MapConfigurationPropertySource(Map.of("quarterdeck.publisher.retry-pause", "100ms")))
                .bindOrCreate("quarterdeck.publisher", PublisherProperties.class);
        ChangePublisher publisher = new ChangePublisher(
                store,
                RelayLock.alone(),
                new KafkaClients(new HashMap<>(kafka.clientProperties()), properties),
                storage -> Optional.ofNullable(KINDS.get(storage)),
                KINDS::keySet,
                hidden,
                properties,
                new SimpleMeterRegistry());
        publisher.start();
        return publisher;
    }

    private static void awaitPublished(PostgresOrderedStore store, ChangePublisher publisher) {
        await().until(() -> publisher.figures().revision() == store.committedRevision());
    }

    /** Files below a directory that hold the text. */
    private static List<Path> holding(Path below, String text) throws IOException {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(below)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (contains(Files.readAllBytes(file), wanted)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    private static boolean contains(byte[] bytes, byte[] wanted) {
        outer:
        for (int i = 0; i <= bytes.length - wanted.length; i++) {
            for (int j = 0; j < wanted.length; j++) {
                if (bytes[i + j] != wanted[j]) {
                    continue outer;
                }
            }
            return true;
        }
        return false;
    }

    private static void sql(String statement) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement one = connection.createStatement()) {
            one.execute(statement);
        }
    }

    private static Set<String> prefixes(String table) throws SQLException {
        Set<String> prefixes = new TreeSet<>();
        try (Connection connection = pool.getConnection();
                Statement one = connection.createStatement();
                ResultSet rows = one.executeQuery("select distinct split_part(encode(substring(body from 1 for 40),"
                        + " 'escape'), ':', 5) from " + table
                        + " join resource on id = resource_id where storage_resource = 'secrets'")) {
            while (rows.next()) {
                prefixes.add(rows.getString(1));
            }
        }
        return prefixes;
    }

    @Test
    void nothingIsInClearAndKeysRotateOnline() throws Exception {
        // A random word neither compresses nor occurs by chance.
        String canary = "canary" + Long.toHexString(new SecureRandom().nextLong());
        String control = "control" + Long.toHexString(new SecureRandom().nextLong());
        EncryptedBodies seal = new EncryptedBodies(rules(FIRST, "{identity: {}}"), () -> now);
        long revision;
        try (PostgresOrderedStore store = open(seal);
                ChangePublisher publisher = publisher(store, seal::hides)) {
            store.commit(tx(put(key(SECRETS, "a", "kept"), 0, canary))).join();
            Entry gone = store.commit(tx(put(key(SECRETS, "a", "gone"), 0, canary)))
                    .join()
                    .getFirst();
            store.commit(tx(remove(key(SECRETS, "a", "gone"), gone.revision()))).join();
            store.commit(tx(put(key(MAPS, "a", "map"), 0, control))).join();
            awaitPublished(store, publisher);
            sql("checkpoint");
            assertThat(holding(directory.resolve("postgres"), control))
                    .as("the search finds what is clear")
                    .isNotEmpty();
            assertThat(holding(directory.resolve("kafka"), control)).isNotEmpty();
            assertThat(holding(directory, canary)).isEmpty();

            // Readers have it clear, from memory and from disk.
            List<String> read = new ArrayList<>();
            store.load(entry -> read.add(text(entry)));
            assertThat(String.join("\n", read)).contains(canary).contains(control);
            assertThat(store.changesAfter(0, 100).stream().map(change -> text(change.entry())))
                    .anyMatch(body -> body.contains(canary));

            // A second key seals, the first still opens; then everything is brought over without a new revision.
            revision = store.committedRevision();
            rules(SECOND, FIRST);
            now = now.plusSeconds(6);
            assertThat(prefixes("object")).containsOnly("first");
            store.resealNow();
            assertThat(prefixes("object")).containsOnly("second");
            assertThat(prefixes("object_change")).containsOnly("second");
            assertThat(store.committedRevision()).isEqualTo(revision);
            rules(SECOND);
            now = now.plusSeconds(6);
            read.clear();
            store.load(entry -> read.add(text(entry)));
            assertThat(String.join("\n", read)).contains(canary);
        }
        assertThat(holding(directory, canary)).isEmpty();

        // Without its key the store does not pretend to be empty.
        EncryptedBodies wrong = new EncryptedBodies(rules(FIRST), () -> now);
        try (PostgresOrderedStore store = open(wrong)) {
            assertThatThrownBy(() -> store.load(entry -> {})).hasMessageContaining("secrets a/kept cannot be read");
        }

        // And back to clear.
        EncryptedBodies back = new EncryptedBodies(rules("{identity: {}}", SECOND), () -> now);
        try (PostgresOrderedStore store = open(back)) {
            store.resealNow();
            assertThat(prefixes("object")).containsOnly("");
            List<String> read = new ArrayList<>();
            store.load(entry -> read.add(text(entry)));
            assertThat(String.join("\n", read)).contains(canary);
        }
    }

    @Test
    void topicsFromBeforeTheEncryptionGo() throws Exception {
        String canary = "canary" + Long.toHexString(new SecureRandom().nextLong());
        EncryptedBodies clear = new EncryptedBodies(rules("{identity: {}}", SECOND, FIRST), () -> now);
        try (PostgresOrderedStore store = open(clear);
                ChangePublisher publisher = publisher(store, storage -> false)) {
            store.commit(tx(put(key(SECRETS, "b", "early"), 0, canary))).join();
            awaitPublished(store, publisher);
        }
        assertThat(holding(directory.resolve("kafka"), canary)).isNotEmpty();
        EncryptedBodies seal = new EncryptedBodies(rules(SECOND, FIRST, "{identity: {}}"), () -> now);
        try (PostgresOrderedStore store = open(seal);
                ChangePublisher publisher = publisher(store, seal::hides)) {
            store.commit(tx(put(key(SECRETS, "b", "late"), 0, canary))).join();
            awaitPublished(store, publisher);
            // The broker removes the files of a deleted topic a minute later; they are renamed at once.
            assertThat(holding(directory.resolve("kafka"), canary))
                    .allMatch(file -> file.getParent().getFileName().toString().endsWith("-delete"));
        }
    }
}
