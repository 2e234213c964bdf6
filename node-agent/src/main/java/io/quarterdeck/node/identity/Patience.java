package io.quarterdeck.node.identity;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for a certificate as long as it takes: asks again, further and further apart, and says each cause once. */
final class Patience {

    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final Duration FIRST_LOOK = Duration.ofMillis(100);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);

    /** Upstream's: who approves by hand may take this long before the node asks anew. */
    private static final Duration UNANSWERED = Duration.ofMinutes(15);

    private static final Duration WORTH_A_WORD = Duration.ofSeconds(5);
    private static final int CONFLICT = 409;

    private final InstantSource clock;
    private final Pauses pauses;

    /** {@code Thread::sleep}, or a test's time. */
    interface Pauses {
        void pause(Duration duration) throws InterruptedException;
    }

    /** One try. */
    interface Attempt<T> {
        T run() throws NotIssuedException, InterruptedException;
    }

    Patience(InstantSource clock, Pauses pauses) {
        this.clock = clock;
        this.pauses = pauses;
    }

    /**
     * Tries until it succeeds.
     *
     * @param trouble what is not possible meanwhile, for the log
     * @param refusal what the API's refusal means, and what mends it
     */
    <T> T until(String trouble, Function<StatusException, String> refusal, Attempt<T> attempt)
            throws InterruptedException {
        String told = "";
        Duration pause = FIRST;
        while (true) {
            String cause;
            try {
                return attempt.run();
            } catch (CancellationException stopped) {
                throw stopped;
            } catch (StatusException e) {
                cause = refusal.apply(e);
            } catch (NotIssuedException | RuntimeException e) {
                cause = String.valueOf(e.getMessage());
            }
            if (!cause.equals(told)) {
                LOG.error("{}: {}; trying again", trouble, cause);
                told = cause;
            }
            pauses.pause(pause);
            pause = shorter(pause.multipliedBy(2), LONGEST);
        }
    }

    /** Makes the request, or finds it made, and waits until it is answered. */
    String issued(SigningRequests requests, CertificateSigningRequest wanted)
            throws NotIssuedException, InterruptedException {
        Instant began = clock.instant();
        CertificateSigningRequest request = made(requests, wanted);
        String name = request.getMetadata().getName();
        boolean said = false;
        Duration look = FIRST_LOOK;
        while (true) {
            switch (RequestAnswer.of(request)) {
                case RequestAnswer.Issued issued -> {
                    return issued.chainPem();
                }
                case RequestAnswer.Refused refused -> throw new NotIssuedException(refused.why());
                case RequestAnswer.Pending _ -> {
                    Duration waited = Duration.between(began, clock.instant());
                    if (waited.compareTo(UNANSWERED) >= 0) {
                        throw new NotIssuedException("certificate request " + name + " was not answered within "
                                + UNANSWERED.toMinutes() + " minutes");
                    }
                    if (!said && waited.compareTo(WORTH_A_WORD) >= 0) {
                        LOG.info("Waiting for the approval of {}: kubectl certificate approve {}", name, name);
                        said = true;
                    }
                }
            }
            pauses.pause(look);
            look = shorter(look.multipliedBy(2), LONGEST_LOOK);
            request = requests.get(name);
        }
    }

    private static CertificateSigningRequest made(SigningRequests requests, CertificateSigningRequest wanted) {
        try {
            return requests.create(wanted);
        } catch (StatusException e) {
            if (e.code() != CONFLICT || wanted.getMetadata().getName() == null) {
                throw e;
            }
            return requests.get(wanted.getMetadata().getName());
        }
    }

    /** Waits for a moment by the clock, which may be set meanwhile. */
    void sleepUntil(Instant moment) throws InterruptedException {
        for (Instant now = clock.instant(); now.isBefore(moment); now = clock.instant()) {
            pauses.pause(shorter(Duration.between(now, moment), Duration.ofMinutes(10)));
        }
    }

    Instant now() {
        return clock.instant();
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
