package io.quarterdeck.system.faults;

import io.quarterdeck.system.history.Call.Outcome;
import io.quarterdeck.system.history.HistoryChecker;
import io.quarterdeck.system.history.Load;
import io.quarterdeck.system.history.Model;
import io.quarterdeck.system.history.Violation;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** A load on a stack, faults one after the other, and the verdict. */
final class Campaign {

    private static final Duration PROGRESS = Duration.ofMinutes(3);
    private static final Duration PUBLISHED = Duration.ofSeconds(90);
    private static final int NAMESPACES = 2;

    private final Stack stack;
    private final Load.Shape shape;
    private final long window;
    private final Consumer<String> tell;

    /** @param window as of {@link HistoryChecker#check} */
    Campaign(Stack stack, Load.Shape shape, long window, Consumer<String> tell) {
        this.stack = stack;
        this.shape = shape;
        this.window = window;
        this.tell = tell;
    }

    /** The load of issue and suite: 16 watchers, 2 of them stalled. */
    static Load.Shape shape(int clients, Duration pause) {
        return new Load.Shape(clients, clients, 16, 2, NAMESPACES, 25, pause);
    }

    /**
     * @param outages by fault, from the blow until what was hurt served again and a write was acknowledged
     * @param caughtUp whether every watch and the topic came to the last write
     */
    record Result(
            long operations,
            long acknowledged,
            long refused,
            long unknown,
            Duration took,
            Map<Fault, List<Duration>> outages,
            long changes,
            long published,
            int resets,
            boolean caughtUp,
            List<Violation> violations,
            List<String> topicViolations) {

        int faults() {
            return outages.values().stream().mapToInt(List::size).sum();
        }
    }

    /**
     * @param plan how often each fault is to happen
     * @param operations how many calls there are at least
     * @param atMost when the rest of the plan is left out
     */
    Result run(Map<Fault, Integer> plan, long operations, Duration atMost, long seed)
            throws IOException, InterruptedException, SQLException {
        long began = System.nanoTime();
        long from = stack.prepare(NAMESPACES);
        List<Fault> faults = new ArrayList<>();
        plan.forEach((fault, count) -> faults.addAll(Collections.nCopies(count, fault)));
        Random random = new Random(seed);
        Collections.shuffle(faults, random);
        Map<Fault, List<Duration>> outages = new EnumMap<>(Fault.class);
        try (TopicReader topic = new TopicReader(stack.kafkaClient());
                Load load = new Load(shape, number -> stack.api())) {
            load.start(from);
            for (Fault fault : faults) {
                if (System.nanoTime() - began > atMost.toNanos()) {
                    tell.accept("time is up");
                    break;
                }
                progress(load, System.nanoTime());
                Thread.sleep(random.nextLong(100, 600));
                long blow = System.nanoTime();
                Duration served = stack.inject(fault);
                if (fault == Fault.KAFKA_WIPE) {
                    topic.startAgain();
                }
                if (!progress(load, System.nanoTime())) {
                    tell.accept(fault + " ended it: no write was acknowledged within " + PROGRESS);
                    break;
                }
                Duration outage =
                        fault.name().endsWith("_KILL") && !fault.name().startsWith("KAFKA")
                                ? Duration.ofNanos(System.nanoTime() - blow)
                                : served;
                outages.computeIfAbsent(fault, first -> new ArrayList<>()).add(outage);
                tell.accept("%s %d ms, %d calls"
                        .formatted(fault, outage.toMillis(), load.history().size()));
            }
            while (load.history().size() < operations && System.nanoTime() - began < atMost.toNanos()) {
                Thread.sleep(200);
            }
            boolean caughtUp = load.end();
            tell.accept("checking %d calls".formatted(load.history().size()));
            HistoryChecker.Verdict verdict = HistoryChecker.check(load.history(), window);
            boolean published = awaitPublished(topic, verdict.model());
            return new Result(
                    load.history().size(),
                    load.history().count(Outcome.DONE),
                    load.history().count(Outcome.REFUSED),
                    load.history().count(Outcome.UNKNOWN),
                    Duration.ofNanos(System.nanoTime() - began),
                    outages,
                    verdict.model().sequence().size(),
                    topic.records(),
                    topic.resets(),
                    caughtUp && published,
                    verdict.violations(),
                    topic.verdict(verdict.model()));
        }
    }

    private static boolean progress(Load load, long since) throws InterruptedException {
        long deadline = System.nanoTime() + PROGRESS.toNanos();
        while (load.acknowledgedAt() - since < 0) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(10);
        }
        return true;
    }

    private static boolean awaitPublished(TopicReader topic, Model model) throws InterruptedException {
        Model.Event last = model.sequence().getLast();
        long deadline = System.nanoTime() + PUBLISHED.toNanos();
        while (!topic.reached(last.key(), last.revision())) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(50);
        }
        return true;
    }
}
