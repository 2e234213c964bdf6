package io.quarterdeck.benchmarks.api;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a Java server's heap holds after a full collection, asked with the JDK's own tool. */
final class LiveHeap {

    private LiveHeap() {}

    /** NaN for servers that are not Java. */
    static double megabytes(ProcessTree processes) throws IOException, InterruptedException {
        double total = Double.NaN;
        for (long pid : processes.roots()) {
            if (ProcessHandle.of(pid)
                    .flatMap(process -> process.info().command())
                    .map(command -> command.endsWith("/java"))
                    .orElse(false)) {
                ask(pid, "GC.run");
                for (String line : ask(pid, "GC.heap_info").split("\n")) {
                    String lower = line.toLowerCase(Locale.ROOT);
                    int used = lower.indexOf(" used ");
                    if (used > 0 && (lower.contains("heap") || lower.contains("total"))) {
                        String figure = lower.substring(used + 6).split("[^0-9km]")[0];
                        double bytes = Double.parseDouble(figure.replaceAll("[km]", ""))
                                * (figure.endsWith("k") ? 1024 : 1024 * 1024);
                        total = (Double.isNaN(total) ? 0 : total) + bytes / 1e6;
                        break;
                    }
                }
            }
        }
        return total;
    }

    private static String ask(long pid, String what) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(System.getProperty("java.home") + "/bin/jcmd", Long.toString(pid), what)
                .redirectErrorStream(true)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return answer;
    }
}
