package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes events in the background, aggregated and rate-limited; never holds up or fails its caller. When 1000 events
 * wait, further ones are dropped. Thread-safe.
 */
public final class EventRecorder implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EventRecorder.class);
    private static final int WAITING = 1000;
    private static final ResourceType<Event> CORE_EVENTS = ResourceType.of(Event.class);
    private static final ResourceType<io.fabric8.kubernetes.api.model.events.v1.Event> EVENTS =
            ResourceType.of(io.fabric8.kubernetes.api.model.events.v1.Event.class);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final ApiClient api;
    private final InstantSource clock;
    private final String host;
    private final EventCorrelator correlator = new EventCorrelator();
    private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Thread writer;

    private record Waiting(
            String component,
            ObjectReference about,
            Optional<ObjectReference> related,
            Action.EventType type,
            String reason,
            Optional<String> action,
            String message,
            Map<String, String> annotations,
            Instant at) {}

    /** @param host name of the machine, or of the node that the component works for; empty where upstream names none */
    public EventRecorder(ApiClient api, InstantSource clock, String host) {
        this.api = api;
        this.clock = clock;
        this.host = host;
        this.writer = Thread.ofVirtual().name("events").start(this::write);
    }

    /**
     * An event of the core group, as controllers and agents send.
     *
     * @param component {@code replicaset-controller}
     */
    public void emit(String component, Action.EmitEvent event) {
        emit(component, event, "");
    }

    /** @param fieldPath the part of the object that it is about, {@code spec.containers{web}}; empty for the whole */
    public void emit(String component, Action.EmitEvent event, String fieldPath) {
        ObjectReference about = reference(event.about());
        if (!fieldPath.isEmpty()) {
            about.setFieldPath(fieldPath);
        }
        offer(new Waiting(
                component,
                about,
                Optional.empty(),
                event.type(),
                event.reason(),
                Optional.empty(),
                event.message(),
                event.annotations(),
                clock.instant()));
    }

    /**
     * An event of events.k8s.io, as the scheduler sends.
     *
     * @param action what the component was doing, {@code Binding}
     */
    public void emit(
            String component,
            HasMetadata regarding,
            Optional<HasMetadata> related,
            Action.EventType type,
            String reason,
            String action,
            String note) {
        offer(new Waiting(
                component,
                reference(regarding),
                related.map(EventRecorder::reference),
                type,
                reason,
                Optional.of(action),
                note,
                Map.of(),
                clock.instant()));
    }

    private void offer(Waiting event) {
        if (!waiting.offer(event)) {
            log.warn(
                    "too many events wait: {} about {} is dropped",
                    event.reason(),
                    event.about().getName());
        }
    }

    private void write() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Waiting event = waiting.take();
                try {
                    write(event);
                } catch (StatusException refused) {
                    // An event of an object in a vanishing namespace is refused every time.
                    log.debug("event {} is lost: {}", event.reason(), refused.text());
                }
            }
        } catch (InterruptedException | CancellationException stopped) {
            log.debug("no more events are written");
        }
    }

    private void write(Waiting event) {
        ObjectReference about = event.about();
        EventCorrelator.Matter matter = new EventCorrelator.Matter(
                event.component(),
                about.getApiVersion() + " " + about.getKind() + " " + about.getNamespace() + "/" + about.getName() + " "
                        + about.getUid() + " " + about.getFieldPath(),
                event.type().word(),
                event.reason() + event.action().map(action -> " " + action).orElse(""));
        Optional<EventCorrelator.Decision> decision = correlator.decide(matter, event.message(), event.at());
        if (decision.isEmpty()) {
            return;
        }
        String message = decision.get().message();
        Optional<EventCorrelator.Recorded> before = decision.get().before();
        if (before.isPresent()) {
            EventCorrelator.Recorded counted = new EventCorrelator.Recorded(
                    before.get().name(), before.get().count() + 1, before.get().first());
            try {
                count(event, counted, message);
                correlator.written(matter, message, counted);
                return;
            } catch (StatusException refused) {
                if (refused.code() != 404) {
                    throw refused;
                }
                correlator.forget(matter, message);
            }
        }
        String name = about.getName() + "." + Long.toHexString(nanos(event.at()));
        if (event.action().isPresent()) {
            createInEvents(event, name, message);
        } else {
            createInCore(event, name, message);
        }
        correlator.written(matter, message, new EventCorrelator.Recorded(name, 1, event.at()));
    }

    private void count(Waiting event, EventCorrelator.Recorded counted, String message) {
        ObjectKey key = new ObjectKey(namespaceOf(event.about()), counted.name());
        ObjectNode patch = api.serialization().mapper().createObjectNode();
        if (event.action().isPresent()) {
            patch.putObject("series").put("count", counted.count()).put("lastObservedTime", MICROS.format(event.at()));
            api.patch(EVENTS, key, "", "application/merge-patch+json", patch.toString());
        } else {
            patch.put("count", counted.count())
                    .put("lastTimestamp", seconds(event.at()))
                    .put("message", message);
            api.patch(CORE_EVENTS, key, "", "application/merge-patch+json", patch.toString());
        }
    }

    private void createInCore(Waiting event, String name, String message) {
        api.create(
                CORE_EVENTS,
                new EventBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespaceOf(event.about()))
                        .withAnnotations(event.annotations())
                        .endMetadata()
                        .withInvolvedObject(event.about())
                        .withReason(event.reason())
                        .withMessage(message)
                        .withType(event.type().word())
                        .withCount(1)
                        .withFirstTimestamp(seconds(event.at()))
                        .withLastTimestamp(seconds(event.at()))
                        .withNewSource()
                        .withComponent(event.component())
                        .withHost(host.isEmpty() ? null : host)
                        .endSource()
                        .withReportingComponent(event.component())
                        .withReportingInstance(host)
                        .build());
    }

    private void createInEvents(Waiting event, String name, String note) {
        api.create(
                EVENTS,
                new io.fabric8.kubernetes.api.model.events.v1.EventBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespaceOf(event.about()))
                        .endMetadata()
                        .withEventTime(new MicroTime(MICROS.format(event.at())))
                        .withRegarding(event.about())
                        .withRelated(event.related().orElse(null))
                        .withReason(event.reason())
                        .withAction(event.action().orElse(null))
                        .withNote(note.length() > 1024 ? note.substring(0, 1024) : note)
                        .withType(event.type().word())
                        .withReportingController(event.component())
                        .withReportingInstance(host.isEmpty() ? event.component() : event.component() + "-" + host)
                        .build());
    }

    private static ObjectReference reference(HasMetadata object) {
        if (object instanceof Event) {
            throw new IllegalArgumentException("an event about an event");
        }
        return new ObjectReferenceBuilder()
                .withApiVersion(object.getApiVersion())
                .withKind(object.getKind())
                .withNamespace(object.getMetadata().getNamespace())
                .withName(object.getMetadata().getName())
                .withUid(object.getMetadata().getUid())
                .withResourceVersion(object.getMetadata().getResourceVersion())
                .build();
    }

    private static String namespaceOf(ObjectReference about) {
        return about.getNamespace() == null || about.getNamespace().isEmpty() ? "default" : about.getNamespace();
    }

    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static long nanos(Instant at) {
        return at.getEpochSecond() * 1_000_000_000L + at.getNano();
    }

    @Override
    public void close() {
        writer.interrupt();
    }
}
