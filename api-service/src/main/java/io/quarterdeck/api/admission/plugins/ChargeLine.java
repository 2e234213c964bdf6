package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.Charge;
import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait to be charged to the quotas of one namespace. Whose turn it is pays in the own transaction for all who came
 * meanwhile: these then store their objects at once and together, so that a quota does not make its namespace slow. What is
 * paid and not used is given back with the next payment, or by the controller's recount. Thread-safe.
 */
final class ChargeLine {

    private static final int MOST_TOGETHER = 256;

    private final ReentrantLock turn = new ReentrantLock();
    private final Queue<Claim> waiting = new ConcurrentLinkedQueue<>();
    private final Queue<AdmissionRequest> unused = new ConcurrentLinkedQueue<>();
    private final Payment payment;

    /** Judges and charges by the quotas of now. */
    @FunctionalInterface
    interface Payment {

        /**
         * @param claims in order; who does not fit is told so and costs nothing
         * @param givenBack what was paid and not used
         */
        Enlisted pay(List<Claim> claims, List<AdmissionRequest> givenBack);
    }

    /** One object in the line. The outcome is written by who pays, and read behind the lock. */
    static final class Claim {
        private final AdmissionRequest request;
        private boolean paid;
        private @Nullable StatusException refusal;

        Claim(AdmissionRequest request) {
            this.request = request;
        }

        AdmissionRequest request() {
            return request;
        }

        void refuse(StatusException why) {
            refusal = why;
        }

        boolean isRefused() {
            return refusal != null;
        }
    }

    ChargeLine(Payment payment) {
        this.payment = payment;
    }

    boolean isIdle() {
        return !turn.isLocked() && !turn.hasQueuedThreads() && waiting.isEmpty() && unused.isEmpty();
    }

    /**
     * Waits for the turn, or until somebody has paid.
     *
     * @throws StatusException when the object does not fit
     */
    Charge join(AdmissionRequest request) {
        Claim own = new Claim(request);
        waiting.add(own);
        turn.lock();
        if (own.paid || own.refusal != null) {
            turn.unlock();
            if (own.refusal != null) {
                throw own.refusal;
            }
            return new Prepaid(request);
        }
        waiting.remove(own);
        return new Turn(own);
    }

    /** Somebody else has paid. */
    private final class Prepaid implements Charge {

        private final AdmissionRequest request;
        private boolean used;

        Prepaid(AdmissionRequest request) {
            this.request = request;
        }

        @Override
        public void committed() {
            used = true;
        }

        @Override
        public void close() {
            if (!used) {
                unused.add(request);
            }
        }
    }

    /** Pays for all who wait; holds the lock until it is closed. */
    private final class Turn implements Charge {

        private final Claim own;
        private final List<Claim> others = new ArrayList<>();
        private final List<AdmissionRequest> givenBack = new ArrayList<>();
        private boolean done;

        Turn(Claim own) {
            this.own = own;
        }

        @Override
        public Enlisted make() {
            for (Claim next = waiting.poll(); next != null; next = waiting.poll()) {
                others.add(next);
                if (others.size() == MOST_TOGETHER) {
                    break;
                }
            }
            for (AdmissionRequest next = unused.poll(); next != null; next = unused.poll()) {
                givenBack.add(next);
            }
            List<Claim> all = new ArrayList<>();
            all.add(own);
            for (Claim other : others) {
                other.refusal = null;
                all.add(other);
            }
            Enlisted changes = payment.pay(all, givenBack);
            if (own.refusal != null) {
                throw own.refusal;
            }
            return changes;
        }

        @Override
        public void committed() {
            done = true;
            others.stream().filter(other -> other.refusal == null).forEach(other -> other.paid = true);
        }

        @Override
        public void close() {
            if (!done) {
                // Nothing was paid: the next one pays, and judges anew.
                others.forEach(other -> other.refusal = null);
                waiting.addAll(others);
                unused.addAll(givenBack);
            }
            turn.unlock();
        }
    }
}
