package io.quarterdeck.system.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Everything that the clients of one run asked and were answered. Thread-safe. */
public final class History {

    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong tokens = new AtomicLong();

    public void add(Call call) {
        calls.add(call);
        count.incrementAndGet();
    }

    /** Names a write. */
    public long token() {
        return tokens.incrementAndGet();
    }

    public long size() {
        return count.get();
    }

    <T extends Call> List<T> all(Class<T> type) {
        List<T> found = new ArrayList<>();
        for (Call call : calls) {
            if (type.isInstance(call)) {
                found.add(type.cast(call));
            }
        }
        return found;
    }

    public long count(Call.Outcome outcome) {
        return all(Call.Write.class).stream()
                .filter(write -> write.outcome() == outcome)
                .count();
    }
}
