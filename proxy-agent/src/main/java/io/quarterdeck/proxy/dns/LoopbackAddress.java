package io.quarterdeck.proxy.dns;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An address on the loopback interface that is there as long as this is open. Adding it twice is harmless. */
public final class LoopbackAddress implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LoopbackAddress.class);

    private final String address;

    private LoopbackAddress(String address) {
        this.address = address;
    }

    /** @throws IOException when the address cannot be added, with the words of {@code ip} */
    public static LoopbackAddress add(String address) throws IOException {
        // Of the host alone: the kernel must not choose it for what it masquerades.
        ip(List.of("ip", "address", "replace", address + "/32", "dev", "lo", "scope", "host"));
        return new LoopbackAddress(address);
    }

    @Override
    public void close() {
        try {
            ip(List.of("ip", "address", "delete", address + "/32", "dev", "lo"));
        } catch (IOException gone) {
            log.debug("{} was not on the loopback interface any more: {}", address, gone.getMessage());
        }
    }

    private static void ip(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(output);
            }
        } catch (InterruptedException interrupted) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        }
    }
}
