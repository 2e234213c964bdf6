package io.quarterdeck.benchmarks.api;

import io.quarterdeck.benchmarks.api.Load.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is measured, how long, and what every scenario needs for that. */
record Bench(Server server, Endpoint endpoint, Report report, Settings settings) {

    /** The namespace of the prepared pods. */
    static final String STORED = "bench";

    /**
     * What the slowest hundredth of a steady rate is about: in a few seconds that are a handful of calls, all of them behind
     * one pause or one slow sync of the disk.
     */
    static final Duration TAIL = Duration.ofSeconds(20);

    /** Crowds may be told in rounds of 600 ms, of which a measurement should see ten. */
    static final Duration ROUNDS = Duration.ofSeconds(6);

    private static final double WARM_PERCENT = 8;

    /** A crowd stays for hours: what it costs is asked of a server that hardly compiles any more. */
    private static final double STEADY_PERCENT = 3;

    private static final int STEADY_UPS = 16;

    /**
     * @param objects pods that are there before anything is measured
     * @param duration of each measurement, after as long a warm-up at most
     * @param http2 whether closed-loop clients speak HTTP/2
     * @param only names of scenarios; all when empty
     * @param without names of scenarios that are left out
     * @param warmUps how often at most, half as long as a measurement each
     */
    record Settings(
            int objects,
            Duration duration,
            boolean http2,
            Set<String> only,
            Set<String> without,
            int maxWatchers,
            int warmUps) {
        /** As long as measurements are, or as long as this one has to be. */
        Duration atLeast(Duration least) {
            return duration.compareTo(least) < 0 ? least : duration;
        }

        /** A name stands for all that begin with it and a space, and for what they belong to. */
        boolean wants(String name) {
            return without.stream().noneMatch(each -> each.equals(name) || name.startsWith(each + " "))
                    && (only.isEmpty()
                            || only.stream()
                                    .anyMatch(each -> each.equals(name)
                                            || name.startsWith(each + " ")
                                            || each.startsWith(name + " ")));
        }
    }

    Load clients(int count) {
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connections.add(settings.http2 ? endpoint.http2() : endpoint.http1());
        }
        return new Load(connections);
    }

    ProcessTree.Use use() {
        return server.processes().use();
    }

    private interface Drive {
        void run(Duration duration) throws InterruptedException;
    }

    /** Drives until just-in-time compilers take less than this of the CPU, within bounds. */
    private void warmUp(Drive drive, double percent, int atMost) throws InterruptedException {
        Duration slice = settings.duration.dividedBy(2);
        for (int i = 0; i < atMost; i++) {
            ProcessTree.Use before = use();
            drive.run(slice);
            if (use().since(before).compilerPercent() < percent) {
                return;
            }
        }
    }

    void warmUp(Load clients, Step step) throws InterruptedException {
        warmUp(duration -> clients.run(duration, step), WARM_PERCENT, settings.warmUps);
    }

    void warmUp(Load clients, double rate, Step step) throws InterruptedException {
        warmUp(duration -> clients.run(duration, rate, step), WARM_PERCENT, settings.warmUps);
    }

    /** For longer, until next to nothing is compiled. */
    void steady(Load clients, double rate, Step step) throws InterruptedException {
        warmUp(duration -> clients.run(duration, rate, step), STEADY_PERCENT, STEADY_UPS);
    }

    /** Stamps one of the prepared pods after the other. */
    Step stamping() {
        return (connection, number) -> connection.call(
                Call.mergePatch(
                        Objects.pods(STORED) + "/" + Objects.podName(number * 7919 % settings.objects & 0x7fffffff),
                        Objects.stamp()),
                Sink.NOWHERE);
    }

    static String version(String object) {
        String before = "\"resourceVersion\":\"";
        int at = object.indexOf(before) + before.length();
        return object.substring(at, object.indexOf('"', at));
    }
}
