package io.quarterdeck.api.flowcontrol;

import io.quarterdeck.api.authz.AccessRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

    private static final double NANOS = 1e9;

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

    /** Whose request it is, and what dumps and metrics tell of it. */
    record Ticket(String schema, String flow, AccessRequest request, Instant arrived, FlowSeries series) {}

    /** Seats that are taken. */
    static final class Seat {
        private final @Nullable Queue queue;
        private final Ticket ticket;
        private final int seats;
        private final long since;
        private final Instant started = Instant.now();

        Seat(@Nullable Queue queue, Ticket ticket, int seats, long since) {
            this.queue = queue;
            this.ticket = ticket;
            this.seats = seats;
            this.since = since;
        }

        int seats() {
            return seats;
        }
    }

    private static final class Queue {
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private final Set<Seat> running = new LinkedHashSet<>();
        private double virtualStart;
        private int executing;
    }

    private static final class Waiting {
        private final Queue queue;
        private final Ticket ticket;
        private final int seats;
        private final Condition turn;
        private @Nullable Seat seat;

        Waiting(Queue queue, Ticket ticket, int seats, Condition turn) {
            this.queue = queue;
            this.ticket = ticket;
            this.seats = seats;
            this.turn = turn;
        }
    }

    /** What became of requests until now. */
    record Totals(long dispatched, long rejected, long timedOut, long cancelled) {}

    /** @param started null while it waits */
    record RequestState(Ticket ticket, int seats, @Nullable Instant started) {}

    /**
     * One queue, for the dump.
     *
     * @param seats in use
     * @param virtualStart of its next request, in seconds of one seat
     */
    record QueueState(List<RequestState> waiting, List<RequestState> executing, int seats, double virtualStart) {

        int waitingSeats() {
            return waiting.stream().mapToInt(RequestState::seats).sum();
        }

        /** What those who wait are thought to take, in seconds of one seat. */
        double waitingWork() {
            return waitingSeats() * (GUESS_NANOS / NANOS);
        }
    }

    /**
     * Where the level's progress stands, in seconds of one seat.
     *
     * @param now how far everybody has come
     * @param atDispatch how far they had when one was let in last
     * @param latest where that one's work began
     * @param next where the work of those begins who are next in their queues; least and most
     */
    record Progress(double now, double atDispatch, double latest, double nextLeast, double nextMost) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Queue> queues = new ArrayList<>();
    private LevelRules rules;
    private int limit;
    private int executingSeats;
    private int executingRequests;
    private int waitingRequests;
    private int waitingSeats;
    private final Set<Seat> queueless = new LinkedHashSet<>();
    private long dispatched;
    private long rejected;
    private long timedOut;
    private long cancelled;
    private double virtualTime;
    private double dispatchTime;
    private double latestStart;
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
     */
    Outcome enter(long hash, Ticket ticket, int wanted, Duration patience) throws InterruptedException {
        long start = System.nanoTime();
        lock.lockInterruptibly();
        try {
            int seats = Math.max(1, Math.min(wanted, Math.max(limit, 1)));
            ticket.series().estimated(wanted);
            if (rules.exempt()) {
                return new Outcome(taken(ticket, seats, start), null, 0);
            }
            if (rules.queues() == 0) {
                return fits(seats)
                        ? new Outcome(taken(ticket, seats, start), null, 0)
                        : refused(Refusal.CONCURRENCY_LIMIT, 0);
            }
            Queue queue = shortest(hash);
            if (queue.waiting.size() >= rules.queueLength()) {
                return refused(Refusal.QUEUE_FULL, 0);
            }
            Waiting own = new Waiting(queue, ticket, seats, lock.newCondition());
            if (queue.waiting.isEmpty() && queue.executing == 0) {
                // A queue that comes back has no credit from when it wanted nothing, and is behind nobody.
                queue.virtualStart = Math.max(queue.virtualStart, leastStart());
            }
            queue.waiting.add(own);
            waits(1, seats);
            ticket.series().queued(seats, queue.waiting.size());
            dispatch();
            long left = patience.toNanos();
            try {
                while (own.seat == null && left > 0) {
                    left = own.turn.awaitNanos(left);
                }
            } catch (InterruptedException stopped) {
                if (own.seat != null) {
                    given(own.seat);
                } else {
                    cancelled++;
                    givesUp(own);
                }
                throw stopped;
            }
            Seat seat = own.seat;
            if (seat == null) {
                givesUp(own);
                return refused(Refusal.TIME_OUT, System.nanoTime() - start);
            }
            return new Outcome(seat, null, System.nanoTime() - start);
        } finally {
            lock.unlock();
        }
    }

    private Outcome refused(Refusal why, long waited) {
        if (why == Refusal.TIME_OUT) {
            timedOut++;
        } else {
            rejected++;
        }
        return new Outcome(null, why, waited);
    }

    private void givesUp(Waiting own) {
        if (own.queue.waiting.remove(own)) {
            waits(-1, -own.seats);
            own.ticket.series().leftQueue(own.seats);
        }
    }

    private Seat taken(Ticket ticket, int seats, long now) {
        measure();
        Seat seat = new Seat(null, ticket, seats, now);
        queueless.add(seat);
        runs(seat);
        noteHigh();
        return seat;
    }

    private void runs(Seat seat) {
        executingSeats += seat.seats;
        executingRequests++;
        dispatched++;
        seat.ticket.series().started(seat.seats);
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

    /** Of those that want something; where nobody does, what they had then. */
    private double leastStart() {
        double least = Double.MAX_VALUE;
        for (Queue queue : queues) {
            if (!queue.waiting.isEmpty() || queue.executing > 0) {
                least = Math.min(least, queue.virtualStart);
            }
        }
        virtualTime = least == Double.MAX_VALUE ? virtualTime : Math.max(virtualTime, least);
        return virtualTime;
    }

    private void dispatch() {
        while (waitingRequests > 0) {
            Queue next = null;
            for (Queue queue : queues) {
                if (!queue.waiting.isEmpty() && (next == null || queue.virtualStart < next.virtualStart)) {
                    next = queue;
                }
            }
            if (next == null) {
                return;
            }
            Waiting first = next.waiting.getFirst();
            if (!fits(first.seats)) {
                first.ticket.series().foundNoSeat();
                return;
            }
            next.waiting.removeFirst();
            measure();
            waitingRequests--;
            waitingSeats -= first.seats;
            first.ticket.series().leftQueue(first.seats);
            Seat seat = new Seat(next, first.ticket, first.seats, System.nanoTime());
            runs(seat);
            dispatchTime = virtualTime;
            latestStart = next.virtualStart;
            next.running.add(seat);
            next.executing += first.seats;
            next.virtualStart += (double) first.seats * GUESS_NANOS;
            first.seat = seat;
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
        long took = System.nanoTime() - seat.since;
        seat.ticket.series().ended(seat.seats, seat.ticket.request().verb().equals("watch"), took);
        Queue queue = seat.queue;
        if (queue == null) {
            queueless.remove(seat);
        } else {
            queue.running.remove(seat);
            queue.executing -= seat.seats;
            // What it took stands in the place of what was guessed.
            queue.virtualStart += (double) seat.seats * (took - GUESS_NANOS);
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
            double deviation = Math.sqrt(variance);
            double envelope = average + deviation;
            smoothDemand = Math.max(envelope, 0.977 * smoothDemand + 0.023 * envelope);
            SeatAllocation.Demand demand = new SeatAllocation.Demand(highDemand, smoothDemand, average, deviation);
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
                            queue.waiting.stream()
                                    .map(each -> new RequestState(each.ticket, each.seats, null))
                                    .toList(),
                            running(queue.running),
                            queue.executing,
                            queue.virtualStart / NANOS))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Requests that never stood in a queue. */
    List<RequestState> queueless() {
        lock.lock();
        try {
            return running(queueless);
        } finally {
            lock.unlock();
        }
    }

    private static List<RequestState> running(Set<Seat> seats) {
        return seats.stream()
                .map(seat -> new RequestState(seat.ticket, seat.seats, seat.started))
                .toList();
    }

    Totals totals() {
        lock.lock();
        try {
            return new Totals(dispatched, rejected, timedOut, cancelled);
        } finally {
            lock.unlock();
        }
    }

    Progress progress() {
        lock.lock();
        try {
            double least = Double.MAX_VALUE;
            double most = 0;
            for (Queue queue : queues) {
                if (!queue.waiting.isEmpty()) {
                    least = Math.min(least, queue.virtualStart);
                    most = Math.max(most, queue.virtualStart);
                }
            }
            return new Progress(
                    leastStart() / NANOS,
                    dispatchTime / NANOS,
                    latestStart / NANOS,
                    least == Double.MAX_VALUE ? 0 : least / NANOS,
                    most / NANOS);
        } finally {
            lock.unlock();
        }
    }
}
