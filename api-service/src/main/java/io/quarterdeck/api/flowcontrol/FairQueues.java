package io.quarterdeck.api.flowcontrol;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The seats of one level and who waits for them. Each queue is served in turn by start-time fair queueing: what a queue has
 * used (seats × time) sets it back behind those that used less. Thread-safe; {@link #enter} blocks, on virtual threads.
 *
 * <p>Source: KEP-1040, "Fair queuing for server requests"; P. Goyal et al., "Start-time fair queuing".
 */
final class FairQueues {

    /** What a request is thought to take until it is known. */
    private static final long GUESS_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

    /** Why a request was refused; upstream's words for the metric. */
    enum Refusal {
        QUEUE_FULL("queue-full"),
        CONCURRENCY_LIMIT("concurrency-limit"),
        TIME_OUT("time-out");

        private final String text;

        Refusal(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** Either seats, to be given back by {@link #leave}, or a refusal. */
    record Outcome(@Nullable Seat seat, @Nullable Refusal refusal, long waitedNanos) {}

    /** Seats that are taken. */
    static final class Seat {
        private final @Nullable Queue queue;
        private final int seats;
        private final long since;

        Seat(@Nullable Queue queue, int seats, long since) {
            this.queue = queue;
            this.seats = seats;
            this.since = since;
        }

        int seats() {
            return seats;
        }
    }

    private static final class Queue {
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private double virtualStart;
        private int executing;
    }

    private static final class Waiting {
        private final Queue queue;
        private final int seats;
        private final String flow;
        private final long since;
        private final Condition turn;
        private boolean dispatched;

        Waiting(Queue queue, int seats, String flow, long since, Condition turn) {
            this.queue = queue;
            this.seats = seats;
            this.flow = flow;
            this.since = since;
            this.turn = turn;
        }
    }

    /** Figures of one queue, for the dump. */
    record QueueState(int waiting, int executing, double virtualStart, List<String> flows) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Queue> queues = new ArrayList<>();
    private LevelRules rules;
    private int limit;
    private int executingSeats;
    private int executingRequests;
    private int waitingRequests;
    private int waitingSeats;
    private double virtualTime;
    private double highDemand;
    private double demandTime;
    private double demandSquares;
    private double demandNanos;
    private long demandSince = System.nanoTime();
    private double smoothDemand;

    FairQueues(LevelRules rules, int limit) {
        this.rules = rules;
        this.limit = limit;
        resize(rules);
    }

    private void resize(LevelRules next) {
        while (queues.size() < next.queues()) {
            queues.add(new Queue());
        }
    }

    /** Takes other rules over; who waits goes on waiting. */
    void reconfigure(LevelRules next) {
        lock.lock();
        try {
            rules = next;
            resize(next);
        } finally {
            lock.unlock();
        }
    }

    void limit(int seats) {
        lock.lock();
        try {
            limit = seats;
            dispatch();
        } finally {
            lock.unlock();
        }
    }

    int limit() {
        return limit;
    }

    /**
     * Takes seats, now or when it is the flow's turn.
     *
     * @param hash of the flow; the same flow always uses the same hand of queues
     * @param flow for the dump
     */
    Outcome enter(long hash, String flow, int wanted, Duration patience) throws InterruptedException {
        long start = System.nanoTime();
        lock.lockInterruptibly();
        try {
            int seats = Math.max(1, Math.min(wanted, Math.max(limit, 1)));
            if (rules.exempt()) {
                return new Outcome(taken(null, seats, start), null, 0);
            }
            if (rules.queues() == 0) {
                return fits(seats)
                        ? new Outcome(taken(null, seats, start), null, 0)
                        : new Outcome(null, Refusal.CONCURRENCY_LIMIT, 0);
            }
            Queue queue = shortest(hash);
            if (queue.waiting.size() >= rules.queueLength()) {
                return new Outcome(null, Refusal.QUEUE_FULL, 0);
            }
            Waiting own = new Waiting(queue, seats, flow, start, lock.newCondition());
            if (queue.waiting.isEmpty() && queue.executing == 0) {
                // A queue that comes back has no credit from when it wanted nothing.
                queue.virtualStart = Math.max(queue.virtualStart, virtualTime);
            }
            queue.waiting.add(own);
            waits(1, seats);
            dispatch();
            long left = patience.toNanos();
            try {
                while (!own.dispatched && left > 0) {
                    left = own.turn.awaitNanos(left);
                }
            } catch (InterruptedException stopped) {
                if (own.dispatched) {
                    given(new Seat(queue, seats, System.nanoTime()));
                } else if (queue.waiting.remove(own)) {
                    waits(-1, -seats);
                }
                throw stopped;
            }
            if (!own.dispatched) {
                queue.waiting.remove(own);
                waits(-1, -seats);
                return new Outcome(null, Refusal.TIME_OUT, System.nanoTime() - start);
            }
            return new Outcome(new Seat(queue, seats, System.nanoTime()), null, System.nanoTime() - start);
        } finally {
            lock.unlock();
        }
    }

    private Seat taken(@Nullable Queue queue, int seats, long now) {
        measure();
        executingSeats += seats;
        executingRequests++;
        noteHigh();
        return new Seat(queue, seats, now);
    }

    private void waits(int requests, int seats) {
        measure();
        waitingRequests += requests;
        waitingSeats += seats;
        noteHigh();
    }

    private boolean fits(int seats) {
        return executingSeats + seats <= limit || executingSeats == 0;
    }

    private Queue shortest(long hash) {
        Queue best = null;
        int least = Integer.MAX_VALUE;
        for (int card : ShuffleSharding.deal(hash, rules.queues(), rules.handSize())) {
            Queue queue = queues.get(card);
            int load = queue.waiting.stream().mapToInt(each -> each.seats).sum() + queue.executing;
            if (load < least) {
                least = load;
                best = queue;
            }
        }
        return best == null ? queues.getFirst() : best;
    }

    private void dispatch() {
        while (waitingRequests > 0) {
            Queue next = null;
            for (Queue queue : queues) {
                if (!queue.waiting.isEmpty() && (next == null || queue.virtualStart < next.virtualStart)) {
                    next = queue;
                }
            }
            if (next == null || !fits(next.waiting.getFirst().seats)) {
                return;
            }
            Waiting first = next.waiting.removeFirst();
            measure();
            waitingRequests--;
            waitingSeats -= first.seats;
            executingSeats += first.seats;
            executingRequests++;
            next.executing += first.seats;
            virtualTime = Math.max(virtualTime, next.virtualStart);
            next.virtualStart += (double) first.seats * GUESS_NANOS;
            first.dispatched = true;
            first.turn.signal();
        }
    }

    void leave(Seat seat) {
        lock.lock();
        try {
            given(seat);
        } finally {
            lock.unlock();
        }
    }

    private void given(Seat seat) {
        measure();
        executingSeats -= seat.seats;
        executingRequests--;
        Queue queue = seat.queue;
        if (queue != null) {
            queue.executing -= seat.seats;
            // What it took stands in the place of what was guessed.
            queue.virtualStart += (double) seat.seats * (System.nanoTime() - seat.since - GUESS_NANOS);
        }
        dispatch();
    }

    private void measure() {
        long now = System.nanoTime();
        double wanted = executingSeats + waitingSeats;
        double nanos = now - demandSince;
        demandTime += wanted * nanos;
        demandSquares += wanted * wanted * nanos;
        demandNanos += nanos;
        demandSince = now;
    }

    private void noteHigh() {
        highDemand = Math.max(highDemand, executingSeats + waitingSeats);
    }

    /** What was wanted since the last call. */
    SeatAllocation.Demand demand() {
        lock.lock();
        try {
            measure();
            double average = demandNanos == 0 ? 0 : demandTime / demandNanos;
            double variance = demandNanos == 0 ? 0 : Math.max(0, demandSquares / demandNanos - average * average);
            double envelope = average + Math.sqrt(variance);
            smoothDemand = Math.max(envelope, 0.977 * smoothDemand + 0.023 * envelope);
            SeatAllocation.Demand demand = new SeatAllocation.Demand(highDemand, smoothDemand);
            highDemand = executingSeats + waitingSeats;
            demandTime = 0;
            demandSquares = 0;
            demandNanos = 0;
            return demand;
        } finally {
            lock.unlock();
        }
    }

    LevelRules rules() {
        return rules;
    }

    int executingSeats() {
        return executingSeats;
    }

    int executingRequests() {
        return executingRequests;
    }

    int waitingRequests() {
        return waitingRequests;
    }

    List<QueueState> states() {
        lock.lock();
        try {
            return queues.stream()
                    .map(queue -> new QueueState(
                            queue.waiting.size(),
                            queue.executing,
                            queue.virtualStart,
                            queue.waiting.stream().map(each -> each.flow).toList()))
                    .toList();
        } finally {
            lock.unlock();
        }
    }
}
