package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.client.WatchStream;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * List, then watch from the list's resourceVersion; resume where a watch ended, list anew when the server has forgotten
 * that far back (410). One virtual thread for each sink. Source: Kubernetes API concepts, "Efficient detection of
 * changes".
 */
public final class HttpWatchFeed implements ChangeFeed {

    private static final Logger log = LoggerFactory.getLogger(HttpWatchFeed.class);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(200);
    private static final Duration LAST_BACK_OFF = Duration.ofSeconds(10);

    /** Bookmarks come about once a minute, so a longer silence is a dead connection. */
    private static final Duration SILENCE = Duration.ofMinutes(3);

    private final ApiClient api;
    private final RandomGenerator random;
    private final Map<Follower<?>, Boolean> followers = new ConcurrentHashMap<>();

    public HttpWatchFeed(ApiClient api, RandomGenerator random) {
        this.api = api;
        this.random = random;
    }

    @Override
    public <T extends HasMetadata> Subscription follow(ResourceType<T> type, Scope scope, ChangeSink<T> sink) {
        Follower<T> follower = new Follower<>(type, scope, sink);
        followers.put(follower, true);
        follower.thread =
                Thread.ofVirtual().name("watch-" + type.groupResource()).start(follower);
        return follower;
    }

    @Override
    public void close() {
        followers.keySet().forEach(Follower::close);
    }

    private final class Follower<T extends HasMetadata> implements Runnable, Subscription {

        private final ResourceType<T> type;
        private final Scope scope;
        private final ChangeSink<T> sink;
        private volatile boolean closed;
        private volatile @Nullable WatchStream open;
        private volatile @Nullable Thread thread;

        Follower(ResourceType<T> type, Scope scope, ChangeSink<T> sink) {
            this.type = type;
            this.scope = scope;
            this.sink = sink;
        }

        @Override
        public String source() {
            return "watch";
        }

        @Override
        public void run() {
            Duration backOff = FIRST_BACK_OFF;
            // A sink that knows a revision already goes on from there.
            boolean listed = sink.revision() > 0;
            while (!closed) {
                try {
                    if (!listed) {
                        list();
                        listed = true;
                    }
                    watch();
                    backOff = FIRST_BACK_OFF;
                } catch (StatusException refused) {
                    if (closed) {
                        return;
                    }
                    if (refused.code() == 410) {
                        listed = false;
                        log.debug("{}: the server has forgotten revision {}; listing anew", type, sink.revision());
                    } else {
                        log.warn(
                                "cannot follow {}: {}; trying again in {} ms",
                                type.groupResource(),
                                refused.text(),
                                backOff.toMillis());
                        if (!pause(backOff)) {
                            return;
                        }
                        backOff = longer(backOff);
                    }
                } catch (InterruptedException | CancellationException stopped) {
                    return;
                } catch (RuntimeException broken) {
                    if (closed) {
                        return;
                    }
                    log.error("cannot follow {}; trying again", type.groupResource(), broken);
                    listed = false;
                    if (!pause(backOff)) {
                        return;
                    }
                    backOff = longer(backOff);
                }
            }
        }

        private void list() {
            ApiClient.Listed<T> listed = api.list(type, scope.namespace().orElse(""), selectors());
            if (!closed) {
                sink.replace(listed.revision(), listed.items());
            }
        }

        private void watch() throws InterruptedException {
            Map<String, String> query = selectors();
            query.put("resourceVersion", Long.toString(sink.revision()));
            query.put("allowWatchBookmarks", "true");
            // Spread, so that the watches of many processes do not end together.
            query.put("timeoutSeconds", Integer.toString(300 + random.nextInt(300)));
            try (WatchStream stream = api.watch(type, scope.namespace().orElse(""), query)) {
                open = stream;
                while (!closed) {
                    Optional<byte[]> bytes = stream.next(SILENCE);
                    if (bytes.isEmpty()) {
                        return;
                    }
                    WatchFrame<T> frame = WatchFrame.read(type, api.serialization(), bytes.get());
                    if (!closed) {
                        frame.applyTo(sink);
                    }
                }
            } catch (TimeoutException silent) {
                log.debug("{}: nothing heard for {}; watching anew", type, SILENCE);
            } finally {
                open = null;
            }
        }

        private Map<String, String> selectors() {
            Map<String, String> query = new LinkedHashMap<>();
            scope.fieldSelector().ifPresent(selector -> query.put("fieldSelector", selector));
            scope.labelSelector().ifPresent(selector -> query.put("labelSelector", selector));
            return query;
        }

        private boolean pause(Duration backOff) {
            try {
                Thread.sleep(Duration.ofMillis((long) (backOff.toMillis() * (1 + random.nextDouble()))));
                return !closed;
            } catch (InterruptedException stopped) {
                return false;
            }
        }

        private Duration longer(Duration backOff) {
            Duration doubled = backOff.multipliedBy(2);
            return doubled.compareTo(LAST_BACK_OFF) > 0 ? LAST_BACK_OFF : doubled;
        }

        @Override
        public void close() {
            closed = true;
            followers.remove(this);
            WatchStream stream = open;
            if (stream != null) {
                stream.close();
            }
            Thread running = thread;
            if (running != null && running != Thread.currentThread()) {
                running.interrupt();
            }
        }
    }
}
