package io.quarterdeck.api.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.authz.AccessRequest;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Opens a record for each request that the policy wants one of, and hands its events to the backends. Thread-safe. */
public final class AuditTrail implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuditTrail.class);

    private final AuditPolicy policy;
    private final List<AuditBackend> backends;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final Counter events;
    private final Counter rejected;
    private final Map<AuditLevel, Counter> levels = new EnumMap<>(AuditLevel.class);

    AuditTrail(AuditPolicy policy, List<AuditBackend> backends, InstantSource clock, MeterRegistry meters) {
        this.policy = policy;
        this.backends = List.copyOf(backends);
        this.clock = clock;
        this.meters = meters;
        this.events = Counter.builder("apiserver_audit_event")
                .description("Counter of audit events generated and sent to the audit backend.")
                .register(meters);
        this.rejected = Counter.builder("apiserver_audit_requests_rejected")
                .description("Counter of apiserver requests rejected due to an error in audit logging backend.")
                .register(meters);
        for (AuditLevel level : AuditLevel.values()) {
            levels.put(
                    level,
                    Counter.builder("apiserver_audit_level")
                            .description("Counter of policy levels for audit events (1 per request).")
                            .tag("level", level.text())
                            .register(meters));
        }
    }

    /**
     * @param attributes what is asked for, under the name of the caller as authenticated, before any impersonation
     * @param asked how the request came in
     */
    public AuditRecord open(AccessRequest attributes, AuditRecord.Asked asked) {
        if (backends.isEmpty()) {
            return AuditRecord.NONE;
        }
        AuditPolicy.Verdict verdict = policy.decide(attributes);
        Counter counter = levels.get(verdict.level());
        if (counter != null) {
            counter.increment();
        }
        return verdict.level() == AuditLevel.NONE
                ? AuditRecord.NONE
                : new AuditRecord(verdict, attributes, asked, clock, this::emit);
    }

    /** @return whether the request may go on */
    private boolean emit(ObjectNode event) {
        events.increment();
        byte[] line = JsonMapper.shared().writeValueAsBytes(event);
        boolean on = true;
        for (AuditBackend backend : backends) {
            try {
                on &= backend.take(line);
            } catch (RuntimeException lost) {
                lost(backend, 1);
                LOG.error("An audit event is lost to backend {}: {}", backend.name(), lost.getMessage());
            }
        }
        return on;
    }

    /** A request was refused because it could not be recorded. */
    public void rejected() {
        rejected.increment();
    }

    private void lost(AuditBackend backend, int count) {
        meters.counter("apiserver_audit_error", "plugin", backend.name()).increment(count);
    }

    @Override
    public void close() {
        backends.forEach(AuditBackend::close);
    }
}
