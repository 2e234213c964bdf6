package io.quarterdeck.api.audit;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is recorded of one request. Each stage gives one event at most, however often it is told. Told by the request's
 * thread, annotated and completed by any.
 *
 * <p>Source: API audit.k8s.io/v1, Event.
 */
public final class AuditRecord {

    /** Of requests that nobody wants recorded. */
    public static final AuditRecord NONE = new AuditRecord();

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /**
     * How a request came in.
     *
     * @param uri path and query as sent
     * @param sources addresses, the client's own first, as far as headers tell
     * @param longRunning whether the answer is a stream
     */
    public record Asked(
            String auditId, Instant at, String uri, List<String> sources, String userAgent, boolean longRunning) {}

    private final AuditPolicy.@Nullable Verdict verdict;
    private final @Nullable AccessRequest attributes;
    private final @Nullable Asked asked;
    private final @Nullable InstantSource clock;
    private final Predicate<ObjectNode> sink;
    private final Set<AuditStage> emitted = EnumSet.noneOf(AuditStage.class);
    private final Map<String, String> annotations = new TreeMap<>();
    private @Nullable User caller;
    private @Nullable User impersonated;
    private String constraint = "";
    private @Nullable JsonNode requestObject;
    private @Nullable JsonNode responseObject;
    private @Nullable ObjectNode responseStatus;
    private boolean handedOver;
    private boolean unauthenticated;
    private About about = new About("", "", "");

    private record About(String name, String uid, String resourceVersion) {}

    private AuditRecord() {
        this.verdict = null;
        this.attributes = null;
        this.asked = null;
        this.clock = null;
        this.sink = event -> true;
    }

    AuditRecord(
            AuditPolicy.Verdict verdict,
            AccessRequest attributes,
            Asked asked,
            InstantSource clock,
            Predicate<ObjectNode> sink) {
        this.verdict = verdict;
        this.attributes = attributes;
        this.asked = asked;
        this.clock = clock;
        this.sink = sink;
        this.caller = attributes.user();
    }

    private boolean atLeast(AuditLevel level) {
        return verdict != null && verdict.level().atLeast(level);
    }

    /** Whether {@link #requested} wants to know. */
    public boolean wantsRequest() {
        return atLeast(AuditLevel.REQUEST);
    }

    public boolean wantsResponse() {
        return atLeast(AuditLevel.REQUEST_RESPONSE);
    }

    /** @return whether the request may go on: false when it may not go on unrecorded */
    public boolean received() {
        return emit(AuditStage.REQUEST_RECEIVED);
    }

    /** Nobody knows the caller: one event will tell so, when the refusal is out. */
    public void unauthenticated() {
        unauthenticated = true;
        caller = null;
    }

    /** @param constraint the constrained way of impersonation that was taken; empty for the plain one */
    public synchronized void impersonating(User user, String constraint) {
        this.impersonated = user;
        this.constraint = constraint;
    }

    /** The first value of a key stays, as upstream keeps it. */
    public synchronized void annotate(String key, String value) {
        if (verdict != null) {
            annotations.putIfAbsent(key, value);
        }
    }

    public void decided(boolean allowed, String reason) {
        annotate("authorization.k8s.io/decision", allowed ? "allow" : "forbid");
        annotate("authorization.k8s.io/reason", reason);
    }

    /** Whether it may be could not be found out. */
    public void undecided() {
        annotate("authorization.k8s.io/reason", "internal error");
    }

    /** What the object that was sent says of itself, where the path does not say it; recorded at every level. */
    public synchronized void about(String name, String uid, String resourceVersion) {
        this.about = new About(name, uid, resourceVersion);
    }

    /** @param object asked only when requests are recorded; the tree becomes the record's own */
    public void requested(Supplier<@Nullable JsonNode> object) {
        if (wantsRequest()) {
            requestObject = object.get();
        }
    }

    /** A patch, or another JSON text that is no object of the API. */
    public void requested(byte[] json) {
        if (wantsRequest()) {
            try {
                requestObject = JsonMapper.shared().readTree(json);
            } catch (RuntimeException notJson) {
                requestObject = null;
            }
        }
    }

    /** @param object asked only when answers are recorded; the tree becomes the record's own */
    public void answered(Supplier<@Nullable JsonNode> object) {
        if (wantsResponse()) {
            responseObject = object.get();
        }
    }

    /** A Status answer: its words are recorded at every level. */
    public void answeredStatus(ObjectNode status) {
        if (verdict == null) {
            return;
        }
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        copy.putObject("metadata");
        for (String field : List.of("status", "message", "reason", "details", "code")) {
            JsonNode value = status.get(field);
            if (value != null) {
                copy.set(field, value);
            }
        }
        responseStatus = copy;
        answered(status::deepCopy);
    }

    /** The head of the answer is on its way. */
    public void started(int code) {
        if (asked != null && (asked.longRunning() || unauthenticated)) {
            status(code);
            emit(AuditStage.RESPONSE_STARTED);
        }
    }

    /** The connection lives on after its request's thread: {@link #completed} comes from whoever carries it. */
    public void handedOver() {
        handedOver = true;
    }

    public boolean isHandedOver() {
        return handedOver;
    }

    public void completed(int code) {
        if (unauthenticated) {
            status(code);
            emit(AuditStage.RESPONSE_STARTED);
        } else if (!emitted.contains(AuditStage.PANIC)) {
            status(code);
            emit(AuditStage.RESPONSE_COMPLETE);
        }
    }

    public void panicked() {
        if (verdict != null) {
            ObjectNode status = JsonNodeFactory.instance.objectNode();
            status.putObject("metadata");
            status.put("status", "Failure")
                    .put("message", "the server met an unexpected condition")
                    .put("reason", "InternalError")
                    .put("code", 500);
            responseStatus = status;
            emit(AuditStage.PANIC);
        }
    }

    private void status(int code) {
        if (verdict == null) {
            return;
        }
        if (responseStatus == null) {
            responseStatus = JsonNodeFactory.instance.objectNode();
            responseStatus.putObject("metadata");
        }
        responseStatus.put("code", code);
    }

    private synchronized boolean emit(AuditStage stage) {
        if (verdict == null || attributes == null || asked == null || clock == null || !emitted.add(stage)) {
            return true;
        }
        if (verdict.omittedStages().contains(stage)) {
            return true;
        }
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("kind", "Event").put("apiVersion", "audit.k8s.io/v1");
        event.put("level", verdict.level().text());
        event.put("auditID", asked.auditId());
        event.put("stage", stage.text());
        event.put("requestURI", asked.uri());
        event.put("verb", attributes.verb());
        event.set("user", user(caller));
        if (impersonated != null) {
            event.set("impersonatedUser", user(impersonated));
            if (!constraint.isEmpty()) {
                event.putObject("authenticationMetadata").put("impersonationConstraint", constraint);
            }
        }
        if (!asked.sources().isEmpty()) {
            var sources = event.putArray("sourceIPs");
            asked.sources().forEach(sources::add);
        }
        put(event, "userAgent", asked.userAgent());
        if (attributes.isResource()) {
            event.set("objectRef", reference(attributes));
        }
        if (responseStatus != null) {
            event.set("responseStatus", responseStatus.deepCopy());
        }
        if (requestObject != null) {
            event.set("requestObject", withoutManagers(requestObject));
        }
        if (responseObject != null) {
            event.set("responseObject", withoutManagers(responseObject));
        }
        event.put("requestReceivedTimestamp", MICROS.format(asked.at()));
        event.put("stageTimestamp", MICROS.format(stage == AuditStage.REQUEST_RECEIVED ? asked.at() : clock.instant()));
        if (!annotations.isEmpty()) {
            ObjectNode notes = event.putObject("annotations");
            annotations.forEach(notes::put);
        }
        return sink.test(event);
    }

    private static ObjectNode user(@Nullable User user) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        if (user != null) {
            put(node, "username", user.name());
            put(node, "uid", user.uid());
            if (!user.groups().isEmpty()) {
                var groups = node.putArray("groups");
                user.groups().forEach(groups::add);
            }
            if (!user.extra().isEmpty()) {
                ObjectNode extra = node.putObject("extra");
                new TreeMap<>(user.extra()).forEach((key, values) -> {
                    var list = extra.putArray(key);
                    values.forEach(list::add);
                });
            }
        }
        return node;
    }

    private ObjectNode reference(AccessRequest request) {
        ObjectNode reference = JsonNodeFactory.instance.objectNode();
        put(reference, "resource", request.resource());
        put(reference, "namespace", request.namespace());
        put(reference, "name", request.name().isEmpty() ? about.name() : request.name());
        put(reference, "uid", about.uid());
        put(reference, "apiGroup", request.group());
        put(reference, "apiVersion", request.version());
        put(reference, "resourceVersion", about.resourceVersion());
        put(reference, "subresource", request.subresource());
        return reference;
    }

    private JsonNode withoutManagers(JsonNode object) {
        if (verdict == null || !verdict.omitManagedFields()) {
            return object;
        }
        JsonNode copy = object.deepCopy();
        strip(copy);
        copy.path("items").forEach(AuditRecord::strip);
        copy.path("rows").forEach(row -> strip(row.path("object")));
        return copy;
    }

    private static void strip(JsonNode object) {
        if (object.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
        }
    }

    private static void put(ObjectNode node, String field, String value) {
        if (!value.isEmpty()) {
            node.put(field, value);
        }
    }
}
