package io.quarterdeck.system.faults;

import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import io.quarterdeck.embedded.kafka.KafkaSettings;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/** A broker in a process of its own, so that it can be killed. */
final class KafkaProcess {

    static final String CLIENT = "client.properties";

    private KafkaProcess() {}

    /** @param arguments directory, port */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[0]);
        EmbeddedKafka kafka = EmbeddedKafka.start(KafkaSettings.in(directory).withPort(Integer.parseInt(arguments[1])));
        Properties client = new Properties();
        client.putAll(kafka.clientProperties());
        // Appears when it is whole: whoever started this process waits for it.
        Path written = directory.resolve("client.properties.new");
        try (Writer out = Files.newBufferedWriter(written)) {
            client.store(out, null);
        }
        Files.move(written, directory.resolve(CLIENT), StandardCopyOption.ATOMIC_MOVE);
        Thread.sleep(Long.MAX_VALUE);
    }
}
