package io.quarterdeck.proxy;

import io.quarterdeck.proxy.rules.Endpoint;
import io.quarterdeck.proxy.rules.ServiceRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel forget UDP flows whose endpoint is gone, or that went nowhere while there was none; through the
 * {@code conntrack} program.
 */
final class ConnectionTracking {

    private static final Logger log = LoggerFactory.getLogger(ConnectionTracking.class);

    void forgetStale(@Nullable ServiceRule before, @Nullable ServiceRule after) {
        stale(before, after).forEach(ConnectionTracking::delete);
    }

    /** The arguments of each deletion. */
    static List<List<String>> stale(@Nullable ServiceRule before, @Nullable ServiceRule after) {
        List<List<String>> deletions = new ArrayList<>();
        if (before == null) {
            return deletions;
        }
        Set<String> addresses = new LinkedHashSet<>(before.clusterAddresses());
        addresses.addAll(before.externalAddresses());
        Set<Endpoint> now =
                after == null ? Set.of() : Set.copyOf(after.internal().endpoints());
        boolean hadNone = before.internal().endpoints().isEmpty();
        for (String address : addresses) {
            if (hadNone && !now.isEmpty()) {
                deletions.add(List.of("--orig-dst", address));
            }
            for (Endpoint gone : before.internal().endpoints()) {
                if (!now.contains(gone)) {
                    deletions.add(List.of("--orig-dst", address, "--dst-nat", gone.address()));
                }
            }
        }
        return deletions;
    }

    private static void delete(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("conntrack", "-D", "-p", "udp"));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            // Its exit code only says whether there was anything to delete.
            process.waitFor();
        } catch (IOException absent) {
            log.warn("stale UDP connections stay: the program conntrack is not installed");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
