package io.quarterdeck.system.history;

import io.quarterdeck.system.history.Api.Answer;
import io.quarterdeck.system.history.Api.Listed;
import io.quarterdeck.system.history.Call.Ending;
import io.quarterdeck.system.history.Call.Frame;
import io.quarterdeck.system.history.Call.Get;
import io.quarterdeck.system.history.Call.Kind;
import io.quarterdeck.system.history.Call.Listing;
import io.quarterdeck.system.history.Call.Outcome;
import io.quarterdeck.system.history.Call.Seen;
import io.quarterdeck.system.history.Call.Selection;
import io.quarterdeck.system.history.Call.Watch;
import io.quarterdeck.system.history.Call.Write;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/**
 * Clients that write, read, list and watch the same few objects, and record what they were answered. It goes on through
 * whatever happens to the server until it is ended; then it writes a last time and waits until every watch has come to
 * that.
 */
public final class Load implements AutoCloseable {

    /**
     * @param writers clients that mostly write
     * @param readers clients that mostly read
     * @param watchers that follow everything, a namespace or a group, and go on where a watch ended
     * @param stalled of these so many do not look at what they are sent for a while, again and again
     * @param pause of a client between two calls, at most
     */
    public record Shape(
            int writers, int readers, int watchers, int stalled, int namespaces, int names, Duration pause) {}

    private static final List<String> GROUPS = List.of("red", "green", "blue");
    private static final Duration RETRY = Duration.ofMillis(50);
    private static final Duration STALL = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Shape shape;
    private final IntFunction<Api> apis;
    private final History history = new History();
    private final List<Thread> clients = new ArrayList<>();
    private final List<Follower> followers = new ArrayList<>();
    private final List<Thread> following = new ArrayList<>();
    private final Map<String, Seen> known = new ConcurrentHashMap<>();
    private final AtomicLong answeredAt = new AtomicLong(System.nanoTime());
    private volatile boolean ending;
    private volatile boolean over;
    private volatile List<Seen> last = List.of();

    /** @param apis a connection for each client, by its number */
    public Load(Shape shape, IntFunction<Api> apis) {
        this.shape = shape;
        this.apis = apis;
    }

    public History history() {
        return history;
    }

    /** When a write was last acknowledged, of {@link System#nanoTime}. */
    public long acknowledgedAt() {
        return answeredAt.get();
    }

    /** @param from the revision from which everything is watched */
    public Load start(long from) {
        int number = 0;
        for (int i = 0; i < shape.watchers; i++) {
            Selection selection = switch (i % 4) {
                case 0 -> Selection.ALL;
                case 1 -> new Selection("", GROUPS.get(i / 4 % GROUPS.size()));
                case 2 -> new Selection(namespace(i % shape.namespaces), "");
                default -> new Selection(namespace(i % shape.namespaces), GROUPS.get(i / 4 % GROUPS.size()));
            };
            Follower follower =
                    new Follower(apis.apply(number++), selection, from, i >= shape.watchers - shape.stalled);
            followers.add(follower);
            following.add(Thread.ofVirtual().name("watcher-" + i).start(follower));
        }
        for (int i = 0; i < shape.writers + shape.readers; i++) {
            int share = i < shape.writers ? 80 : 3;
            Client client = new Client(apis.apply(number++), new SplittableRandom(number), share);
            clients.add(Thread.ofVirtual().name("client-" + i).start(client));
        }
        return this;
    }

    private String namespace(int number) {
        return "ns" + number;
    }

    /** Ends writers, then watchers when they saw the last write; answers whether all came to it. */
    public boolean end() throws InterruptedException {
        ending = true;
        for (Thread client : clients) {
            client.join();
        }
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Api api = apis.apply(0)) {
            last = lastWrites(api, deadline);
            boolean all = false;
            while (!all && System.nanoTime() < deadline) {
                Thread.sleep(50);
                all = followers.stream().allMatch(Follower::done);
            }
            over = true;
            for (Thread thread : following) {
                thread.interrupt();
                thread.join();
            }
            return all;
        }
    }

    /** Writes that every selection sees one of, and a list of everything behind them. */
    private List<Seen> lastWrites(Api api, long deadline) throws InterruptedException {
        Client client = new Client(api, new SplittableRandom(0), 0);
        for (int n = 0; n < shape.namespaces; n++) {
            for (String group : GROUPS) {
                String key = namespace(n) + "/last-" + group;
                while (client.write(Kind.CREATE, key, group, 0).outcome() == Outcome.UNKNOWN
                        && System.nanoTime() < deadline) {
                    Thread.sleep(RETRY);
                }
            }
        }
        while (System.nanoTime() < deadline) {
            Optional<Listed> all = client.list(Selection.ALL, Get.CONSISTENT, 0);
            if (all.isPresent()) {
                return all.get().items().stream()
                        .filter(seen -> seen.key().contains("/last-"))
                        .toList();
            }
            Thread.sleep(RETRY);
        }
        return List.of();
    }

    @Override
    public void close() throws InterruptedException {
        ending = true;
        over = true;
        for (Thread thread : clients) {
            thread.interrupt();
            thread.join();
        }
        for (Thread thread : following) {
            thread.interrupt();
            thread.join();
        }
    }

    private final class Client implements Runnable {
        private final Api api;
        private final SplittableRandom random;
        private final int share;

        Client(Api api, SplittableRandom random, int share) {
            this.api = api;
            this.random = random;
            this.share = share;
        }

        @Override
        public void run() {
            try (api) {
                while (!ending) {
                    step();
                    long pause = shape.pause.toNanos();
                    if (pause > 0) {
                        Thread.sleep(Duration.ofNanos(random.nextLong(pause)));
                    }
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }

        private void step() throws InterruptedException {
            String key = namespace(random.nextInt(shape.namespaces)) + "/o" + random.nextInt(shape.names);
            boolean good = true;
            if (random.nextInt(100) < share) {
                good = change(key).outcome() != Outcome.UNKNOWN;
            } else {
                int way = random.nextInt(100);
                long freshness = way % 4 == 0 ? 0 : way % 4 == 1 ? seenRevision(key) : Get.CONSISTENT;
                if (way < 90) {
                    good = get(key, freshness);
                } else {
                    Selection selection = new Selection(
                            way % 2 == 0 ? "" : namespace(random.nextInt(shape.namespaces)),
                            way % 3 == 0 ? GROUPS.get(random.nextInt(GROUPS.size())) : "");
                    good = list(selection, freshness, way > 95 ? 7 : 0).isPresent();
                }
            }
            if (!good) {
                Thread.sleep(RETRY);
            }
        }

        private long seenRevision(String key) {
            Seen seen = known.get(key);
            return seen == null ? 0 : seen.revision();
        }

        private Answer change(String key) {
            String group = GROUPS.get(random.nextInt(GROUPS.size()));
            Seen seen = known.get(key);
            if (seen == null) {
                return write(Kind.CREATE, key, group, 0);
            }
            int way = random.nextInt(100);
            if (way < 15) {
                return write(Kind.DELETE, key, seen.group(), seen.revision());
            }
            return write(Kind.REPLACE, key, group, way < 35 ? -1 : seen.revision());
        }

        Answer write(Kind kind, String key, String group, long expected) {
            long token = history.token();
            long began = System.nanoTime();
            Answer answer = api.write(kind, key, token, group, expected);
            long ended = System.nanoTime();
            history.add(
                    new Write(began, ended, kind, key, token, group, expected, answer.outcome(), answer.revision()));
            if (answer.outcome() == Outcome.DONE) {
                answeredAt.set(ended);
                if (kind == Kind.DELETE) {
                    known.remove(key);
                } else {
                    known.put(key, new Seen(key, answer.revision(), token, group));
                }
            } else {
                // Whatever we thought of it may be wrong.
                get(key, Get.CONSISTENT);
            }
            return answer;
        }

        private boolean get(String key, long freshness) {
            long began = System.nanoTime();
            try {
                Optional<Seen> seen = api.get(key, freshness);
                history.add(new Get(began, System.nanoTime(), key, freshness, seen.orElse(null)));
                if (freshness == Get.CONSISTENT) {
                    seen.ifPresentOrElse(found -> known.put(key, found), () -> known.remove(key));
                }
                return true;
            } catch (IOException unanswered) {
                return false;
            }
        }

        Optional<Listed> list(Selection selection, long freshness, int limit) {
            long began = System.nanoTime();
            try {
                Listed listed = api.list(selection, freshness, limit);
                history.add(new Listing(
                        began, System.nanoTime(), selection, freshness, false, listed.revision(), listed.items()));
                return Optional.of(listed);
            } catch (IOException unanswered) {
                return Optional.empty();
            }
        }
    }

    /** Watches, and goes on where a watch ended; where that is gone it lists and goes on from there. */
    private final class Follower implements Runnable {
        private final Api api;
        private final Selection selection;
        private final boolean stalls;
        private volatile long position;

        Follower(Api api, Selection selection, long from, boolean stalls) {
            this.api = api;
            this.selection = selection;
            this.stalls = stalls;
            this.position = from;
        }

        /** Whether the last change of the selection came. */
        boolean done() {
            List<Seen> ends = last;
            return !ends.isEmpty()
                    && ends.stream()
                            .filter(seen -> selection.matches(seen.key(), seen.group()))
                            .allMatch(seen -> seen.revision() <= position);
        }

        @Override
        public void run() {
            try (api) {
                while (!over && !done()) {
                    try {
                        if (follow() == Ending.EXPIRED) {
                            Listed listed = api.list(selection, Get.CONSISTENT, 0);
                            position = listed.revision();
                        }
                    } catch (IOException unanswered) {
                        Thread.sleep(RETRY);
                    }
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }

        private Ending follow() throws IOException {
            long from = position;
            long began = System.nanoTime();
            List<Frame> frames = new ArrayList<>();
            long[] stallAt = {stalls ? 20 : Long.MAX_VALUE};
            Ending ended = api.watch(selection, from, frame -> {
                frames.add(frame);
                position = Math.max(position, frame.seen().revision());
                if (frames.size() >= stallAt[0] && !ending) {
                    stallAt[0] = frames.size() + 200;
                    try {
                        Thread.sleep(STALL);
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                }
                return !over && !done();
            });
            history.add(new Watch(
                    began, System.nanoTime(), selection, from, List.copyOf(frames), ended, done() ? position : 0));
            return ended;
        }
    }
}
