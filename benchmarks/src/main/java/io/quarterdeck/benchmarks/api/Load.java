package io.quarterdeck.benchmarks.api;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Clients with a connection each: each sends the next request when it has the last answer, or as a clock beats. */
final class Load {

    /**
     * What was seen.
     *
     * @param nanos how long each call took, ascending
     * @param bodyBytes of all answers, as sent
     */
    record Outcome(double seconds, long[] nanos, long bodyBytes) {
        int calls() {
            return nanos.length;
        }

        double perSecond() {
            return nanos.length / seconds;
        }

        double millis(double percent) {
            return nanos.length == 0 ? 0 : nanos[(int) ((nanos.length - 1) * percent / 100)] / 1e6;
        }
    }

    /** One call of a client; the number counts calls over all clients. */
    @FunctionalInterface
    interface Step {
        Connection.Answer run(Connection connection, int number) throws IOException;
    }

    private final List<Connection> connections;
    private final ThreadFactory threads;

    Load(List<Connection> connections) {
        this(connections, Thread.ofVirtual().factory());
    }

    /** @param threads a client each; those of the platform where clients must not wait for others of this process */
    Load(List<Connection> connections, ThreadFactory threads) {
        this.connections = connections;
        this.threads = threads;
    }

    /** As fast as answers come. */
    Outcome run(Duration duration, Step step) throws InterruptedException {
        long end = System.nanoTime() + duration.toNanos();
        return run(step, number -> System.nanoTime() < end);
    }

    /** So many calls, as fast as answers come. */
    Outcome run(int calls, Step step) throws InterruptedException {
        return run(step, number -> number < calls);
    }

    /** At this rate over all clients, whatever the answers take as long as a client is free. */
    Outcome run(Duration duration, double perSecond, Step step) throws InterruptedException {
        long start = System.nanoTime();
        return run(step, number -> {
            long due = start + (long) (number / perSecond * 1e9);
            if (due - start > duration.toNanos()) {
                return false;
            }
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            return System.nanoTime() - start < duration.toNanos();
        });
    }

    private interface Gate {
        boolean open(int number);
    }

    private Outcome run(Step step, Gate gate) throws InterruptedException {
        AtomicInteger numbers = new AtomicInteger();
        List<Future<Outcome>> clients = new ArrayList<>();
        long start = System.nanoTime();
        try (ExecutorService executor = Executors.newThreadPerTaskExecutor(threads)) {
            for (Connection connection : connections) {
                clients.add(executor.submit(() -> client(connection, numbers, step, gate)));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long[] all = new long[0];
        long bytes = 0;
        for (Future<Outcome> client : clients) {
            try {
                Outcome own = client.get();
                int before = all.length;
                all = Arrays.copyOf(all, before + own.nanos.length);
                System.arraycopy(own.nanos, 0, all, before, own.nanos.length);
                bytes += own.bodyBytes;
            } catch (ExecutionException failed) {
                throw new IllegalStateException(failed.getCause());
            }
        }
        Arrays.sort(all);
        return new Outcome(seconds, all, bytes);
    }

    private static Outcome client(Connection connection, AtomicInteger numbers, Step step, Gate gate)
            throws IOException {
        long[] nanos = new long[1024];
        int count = 0;
        long bytes = 0;
        for (int number = numbers.getAndIncrement(); gate.open(number); number = numbers.getAndIncrement()) {
            long sent = System.nanoTime();
            Connection.Answer answer = step.run(connection, number);
            if (answer.status() >= 300) {
                throw new IOException("call " + number + " was answered " + answer.status());
            }
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, count * 2);
            }
            nanos[count++] = System.nanoTime() - sent;
            bytes += answer.bodyBytes();
        }
        return new Outcome(0, Arrays.copyOf(nanos, count), bytes);
    }
}
