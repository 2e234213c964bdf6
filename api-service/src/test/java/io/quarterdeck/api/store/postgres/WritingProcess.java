package io.quarterdeck.api.store.postgres;

import static io.quarterdeck.api.store.Samples.pod;
import static io.quarterdeck.api.store.Samples.put;
import static io.quarterdeck.api.store.Samples.tx;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.api.registry.StreamingHeaderReader;
import io.quarterdeck.api.store.Entry;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** A process of its own that writes until it is killed, and tells of each write that was acknowledged. */
final class WritingProcess {

    private static final int WRITERS = 8;

    private WritingProcess() {}

    public static void main(String[] arguments) {
        String url = arguments[0];
        String username = System.getenv("DATABASE_USERNAME");
        String password = System.getenv("DATABASE_PASSWORD");
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(username);
        pool.setPassword(password);
        PostgresOrderedStore store = new PostgresOrderedStore(
                pool,
                ConnectionSource.of(url, username, password, "writing-process"),
                new StreamingHeaderReader(storage -> List.of()),
                new Binder(new MapConfigurationPropertySource())
                        .bindOrCreate("quarterdeck.store", StoreProperties.class),
                new SimpleMeterRegistry());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int w = 0; w < WRITERS; w++) {
                String name = "p" + w;
                threads.submit(() -> {
                    long expected = 0;
                    for (int i = 0; ; i++) {
                        Entry entry = store.commit(tx(put(pod("ns", name), expected, "v" + i)))
                                .join()
                                .getFirst();
                        expected = entry.revision();
                        tell("acknowledged " + name + " " + expected + " v" + i);
                    }
                });
            }
        }
    }

    private static synchronized void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
