package io.quarterdeck.benchmarks;

import io.quarterdeck.api.ApiServiceApplication;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.embedded.postgres.PostgresSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** The api-service with a PostgreSQL of its own below one directory: what kube-apiserver with etcd is compared to. */
public final class ApiServiceWithPostgres {

    private ApiServiceWithPostgres() {}

    /** @param arguments port, directory, and further Spring options */
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        Path directory = Path.of(arguments[1]);
        Files.writeString(directory.resolve("tokens.csv"), "benchmark-token,admin,admin-uid,\"system:masters\"\n");
        EmbeddedPostgres postgres = EmbeddedPostgres.start(PostgresSettings.in(directory.resolve("postgres")));
        Path store = directory.resolve("store");
        Files.deleteIfExists(store);
        Files.createFile(store, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                store,
                postgres.jdbcUrl() + (postgres.jdbcUrl().contains("?") ? "&" : "?") + "user=" + postgres.username()
                        + "&password=" + postgres.password());
        List<String> options = new ArrayList<>(List.of(
                "--server.port=" + port,
                "--management.server.port=" + (port + 1),
                "--spring.datasource.url=" + postgres.jdbcUrl(),
                "--spring.datasource.username=" + postgres.username(),
                "--spring.datasource.password=" + postgres.password(),
                "--quarterdeck.api.pki-directory=" + directory.resolve("pki"),
                "--quarterdeck.api.authentication.token-auth-file=" + directory.resolve("tokens.csv")));
        options.addAll(List.of(arguments).subList(2, arguments.length));
        Runtime.getRuntime().addShutdownHook(new Thread(postgres::close));
        ApiServiceApplication.main(options.toArray(String[]::new));
    }
}
