package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one of several processes lead, by a Lease. A leader that cannot renew within the renew deadline stops; another
 * takes over when it has not seen the lease change for its whole duration, by its own clock, so clocks need not agree.
 * Source: client-go, tools/leaderelection.
 */
public final class LeaderElection implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LeaderElection.class);
    private static final ResourceType<Lease> LEASES = ResourceType.of(Lease.class);

    private final ApiClient api;
    private final EventRecorder events;
    private final ObjectKey lease;
    private final String identity;
    private final Timing timing;
    private final Runnable lead;
    private final Runnable follow;
    private final InstantSource clock;
    private volatile boolean leading;
    private volatile boolean closed;
    private @Nullable Thread thread;
    private Optional<Lease> observed = Optional.empty();
    private Instant observedAt = Instant.EPOCH;

    /** Upstream's leader-elect-lease-duration, -renew-deadline and -retry-period. */
    public record Timing(Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {
        public static final Timing DEFAULT =
                new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));

        public Timing {
            if (leaseDuration.compareTo(renewDeadline) <= 0 || renewDeadline.compareTo(retryPeriod) <= 0) {
                throw new IllegalArgumentException(
                        "the lease duration must be above the renew deadline, and that above the retry period");
            }
        }
    }

    /**
     * @param lead called when this process leads
     * @param follow called when it no longer does; nothing may go on when it returns
     */
    public LeaderElection(
            ApiClient api,
            EventRecorder events,
            ObjectKey lease,
            String identity,
            Timing timing,
            InstantSource clock,
            MeterRegistry registry,
            Runnable lead,
            Runnable follow) {
        this.api = api;
        this.events = events;
        this.lease = lease;
        this.identity = identity;
        this.timing = timing;
        this.clock = clock;
        this.lead = lead;
        this.follow = follow;
        Gauge.builder("leader.election.master.status", this, election -> election.leading() ? 1 : 0)
                .tag("name", lease.name())
                .register(registry);
    }

    public boolean leading() {
        return leading;
    }

    public synchronized void start() {
        thread = Thread.ofVirtual().name("leader-" + lease.name()).start(this::run);
    }

    private void run() {
        Instant renewed = Instant.EPOCH;
        try {
            while (!closed) {
                Instant now = clock.instant();
                boolean held = tryToHold(now);
                if (held) {
                    renewed = now;
                }
                if (held && !leading) {
                    log.info("{} leads as {}", identity, lease);
                    leading = true;
                    lead.run();
                } else if (leading && renewed.plus(timing.renewDeadline()).isBefore(clock.instant())) {
                    log.warn("{} lost the lease {}", identity, lease);
                    leading = false;
                    follow.run();
                }
                Thread.sleep(timing.retryPeriod());
            }
        } catch (InterruptedException | CancellationException stopped) {
            log.debug("{} no longer runs for {}", identity, lease);
        }
    }

    private boolean tryToHold(Instant now) {
        try {
            Lease next = next(now);
            if (next == null) {
                return false;
            }
            boolean isNew = next.getMetadata().getResourceVersion() == null;
            boolean mine = observed.map(known -> identity.equals(holder(known))).orElse(false);
            Lease held = isNew ? api.create(LEASES, next) : api.update(LEASES, next, "");
            observe(held, now);
            if (!mine) {
                events.emit(
                        identity,
                        new Action.EmitEvent(
                                held,
                                Action.EventType.NORMAL,
                                "LeaderElection",
                                identity + " became leader",
                                Map.of()));
            }
            return true;
        } catch (StatusException refused) {
            if (refused.code() != 409) {
                log.warn("cannot renew the lease {}: {}", lease, refused.text());
            }
            return false;
        }
    }

    /** The lease to write, or null while another holds it. */
    private @Nullable Lease next(Instant now) {
        Lease known;
        try {
            known = api.get(LEASES, lease);
        } catch (StatusException refused) {
            if (refused.code() != 404) {
                throw refused;
            }
            return new LeaseBuilder()
                    .withNewMetadata()
                    .withNamespace(lease.namespace())
                    .withName(lease.name())
                    .endMetadata()
                    .withSpec(spec(now, now, 0))
                    .build();
        }
        if (observed.isEmpty() || !sameRecord(observed.get(), known)) {
            observe(known, now);
        }
        LeaseSpec before = known.getSpec();
        boolean mine = identity.equals(holder(known));
        boolean free = holder(known).isEmpty()
                || observedAt.plus(timing.leaseDuration()).isBefore(now);
        if (!mine && !free) {
            return null;
        }
        int transitions = before == null || before.getLeaseTransitions() == null ? 0 : before.getLeaseTransitions();
        Instant acquired = mine && before.getAcquireTime() != null
                ? before.getAcquireTime().toInstant()
                : now;
        return known.edit()
                .withSpec(spec(acquired, now, mine ? transitions : transitions + 1))
                .build();
    }

    private void observe(Lease known, Instant now) {
        observed = Optional.of(known);
        observedAt = now;
    }

    private static boolean sameRecord(Lease a, Lease b) {
        return String.valueOf(a.getMetadata().getResourceVersion())
                .equals(b.getMetadata().getResourceVersion());
    }

    private static String holder(Lease known) {
        String holder = known.getSpec() == null ? null : known.getSpec().getHolderIdentity();
        return holder == null ? "" : holder;
    }

    private LeaseSpec spec(Instant acquired, Instant renewed, int transitions) {
        LeaseSpec spec = new LeaseSpec();
        spec.setHolderIdentity(identity);
        spec.setLeaseDurationSeconds((int) timing.leaseDuration().toSeconds());
        spec.setAcquireTime(micros(acquired));
        spec.setRenewTime(micros(renewed));
        spec.setLeaseTransitions(transitions);
        return spec;
    }

    private static ZonedDateTime micros(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
    }

    /** Stops leading and gives the lease back, so that another need not wait for its end. */
    @Override
    public synchronized void close() {
        closed = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (!leading) {
            return;
        }
        leading = false;
        follow.run();
        try {
            Lease known = api.get(LEASES, lease);
            if (identity.equals(holder(known))) {
                Instant now = clock.instant();
                LeaseSpec released = spec(now, now, known.getSpec().getLeaseTransitions());
                released.setHolderIdentity("");
                released.setLeaseDurationSeconds(1);
                api.update(LEASES, known.edit().withSpec(released).build(), "");
            }
        } catch (StatusException | CancellationException unreachable) {
            log.debug("the lease {} is left to run out", lease);
        }
    }
}
