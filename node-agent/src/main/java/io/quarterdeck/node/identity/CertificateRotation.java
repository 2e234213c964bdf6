package io.quarterdeck.node.identity;

import io.quarterdeck.model.StatusException;
import io.quarterdeck.pki.Keys;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews one certificate at 70 to 90 % of its life, or gets the first one. Source: Kubernetes documentation, "Configure
 * Certificate Rotation for the Kubelet".
 */
final class CertificateRotation implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateRotation.class);

    /** Signers date certificates back: the share of a short life may be past already when it comes. */
    private static final Duration BREATH = Duration.ofMinutes(1);

    private final CertificateStore store;
    private final WantedCertificate wanted;
    private final Supplier<SigningRequests> requests;
    private final Consumer<NodeCertificate> inUse;
    private final RandomGenerator random;
    private final Patience patience;
    private @Nullable Thread thread;

    /** @param inUse told of each new certificate */
    CertificateRotation(
            CertificateStore store,
            WantedCertificate wanted,
            Supplier<SigningRequests> requests,
            Consumer<NodeCertificate> inUse,
            RandomGenerator random,
            Patience patience) {
        this.store = store;
        this.wanted = wanted;
        this.requests = requests;
        this.inUse = inUse;
        this.random = random;
        this.patience = patience;
    }

    void start() {
        thread = Thread.ofVirtual().name("rotate-" + wanted.signer()).start(() -> {
            try {
                run();
            } catch (InterruptedException | CancellationException stopped) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** Ends by interruption only. */
    void run() throws InterruptedException {
        Instant notBefore = Instant.MIN;
        while (true) {
            Optional<NodeCertificate> current = store.current();
            if (current.isPresent()) {
                Instant renewal = current.get().renewal(random.nextDouble());
                patience.sleepUntil(renewal.isBefore(notBefore) ? notBefore : renewal);
            }
            NodeCertificate renewed = patience.until(
                    "No certificate of " + wanted.signer() + " for this node", StatusException::text, this::renew);
            inUse.accept(renewed);
            LOG.info("The certificate of {} is {}", wanted.signer(), renewed);
            Duration half = Duration.between(patience.now(), renewed.end()).dividedBy(2);
            notBefore = patience.now().plus(half.compareTo(BREATH) < 0 ? half : BREATH);
        }
    }

    private NodeCertificate renew() throws NotIssuedException, InterruptedException {
        KeyPair keys = Keys.ellipticCurve();
        try (SigningRequests open = requests.get()) {
            return store.replace(patience.issued(open, wanted.requestAnew(keys)), keys, patience.now());
        }
    }
}
