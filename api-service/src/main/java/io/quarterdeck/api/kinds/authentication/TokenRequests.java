package io.quarterdeck.api.kinds.authentication;

import io.quarterdeck.api.authn.AuthenticationProperties;
import io.quarterdeck.api.authn.ServiceAccountTokens;
import io.quarterdeck.api.authn.ServiceAccountTokens.Grant;
import io.quarterdeck.api.authn.ServiceAccountTokens.Reference;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.VirtualResource;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** A token of a service account, bound to a pod, a secret or a node where the caller asks for that. */
@Component
final class TokenRequests implements VirtualResource {

    private static final GroupResource SERVICE_ACCOUNTS = new GroupResource("", "serviceaccounts");
    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final GroupResource SECRETS = new GroupResource("", "secrets");
    private static final GroupResource NODES = new GroupResource("", "nodes");

    private static final long DEFAULT_SECONDS = 3600;
    private static final long SHORTEST_SECONDS = 600;
    private static final long LONGEST_SECONDS = 1L << 32;

    /**
     * What the ServiceAccount plugin asks for in every pod. Such a token lives a year, for clients that never read it
     * again, and is marked from when on that is worth a warning.
     */
    private static final long PROJECTED_SECONDS = 3607;

    private static final long EXTENDED_SECONDS = 365L * 24 * 60 * 60;

    private final ServiceAccountTokens tokens;
    private final CachedObjects objects;
    private final long longest;

    TokenRequests(ServiceAccountTokens tokens, CachedObjects objects, AuthenticationProperties properties) {
        this.tokens = tokens;
        this.objects = objects;
        this.longest = properties.serviceAccountMaxLifetime().toSeconds();
    }

    @Override
    public GroupResource resource() {
        return SERVICE_ACCOUNTS;
    }

    @Override
    public String subresource() {
        return "token";
    }

    private static void requireSame(Document body, String field, String expected, ObjectKey key) {
        String said = body.text("metadata." + field);
        if (!said.isEmpty() && !said.equals(expected)) {
            throw StatusException.invalid(
                    "authentication.k8s.io",
                    "TokenRequest",
                    key.name(),
                    List.of(new FieldError(
                            Reason.INVALID,
                            "metadata." + field,
                            "Invalid value: %s: must match the service account %s if specified"
                                    .formatted(GoQuote.quote(said), field))));
        }
    }

    @Override
    public Document create(Document body, RequestInfo request) {
        ObjectKey key = request.key();
        requireSame(body, "name", key.name(), key);
        requireSame(body, "namespace", key.namespace(), key);
        Document account = get(SERVICE_ACCOUNTS, key);
        if (!body.uid().isEmpty() && !body.uid().equals(account.uid())) {
            throw StatusException.conflict(
                    new GroupResource("authentication.k8s.io", "TokenRequest"),
                    key.name(),
                    "the UID in the token request (%s) does not match the UID of the service account (%s)"
                            .formatted(body.uid(), account.uid()));
        }
        List<String> audiences =
                body.items("spec.audiences").stream().map(JsonNode::asString).toList();
        if (audiences.isEmpty()) {
            audiences = tokens.ownAudiences();
            ArrayNode array = body.object("spec").putArray("audiences");
            audiences.forEach(array::add);
        }
        long seconds = body.number("spec.expirationSeconds", DEFAULT_SECONDS);
        check(seconds);
        Bound bound = bound(body, key);
        if (seconds > longest) {
            request.warn("requested expiration of %d seconds shortened to %d seconds".formatted(seconds, longest));
            seconds = longest;
        }
        Instant now = request.now().truncatedTo(ChronoUnit.SECONDS);
        Instant promised = now.plusSeconds(seconds);
        boolean extended = seconds == PROJECTED_SECONDS
                && bound.pod() != null
                && new HashSet<>(tokens.ownAudiences()).containsAll(audiences);
        String token = tokens.issue(new Grant(
                key.namespace(),
                new Reference(key.name(), account.uid()),
                bound.pod(),
                bound.secret(),
                bound.node(),
                audiences,
                now,
                extended ? now.plusSeconds(Math.min(EXTENDED_SECONDS, longest)) : promised,
                extended ? promised : null));
        body.set("metadata.name", key.name());
        body.set("metadata.namespace", key.namespace());
        body.set("metadata.uid", account.uid());
        body.set("metadata.creationTimestamp", now.toString());
        body.set("spec.expirationSeconds", seconds);
        body.remove("status");
        body.set("status.token", token);
        body.set("status.expirationTimestamp", promised.toString());
        return body;
    }

    private static void check(long seconds) {
        List<FieldError> findings = new ArrayList<>();
        if (seconds < SHORTEST_SECONDS) {
            findings.add(new FieldError(
                    Reason.INVALID,
                    "spec.expirationSeconds",
                    "Invalid value: " + seconds + ": may not specify a duration less than 10 minutes"));
        }
        if (seconds > LONGEST_SECONDS) {
            findings.add(new FieldError(
                    Reason.INVALID,
                    "spec.expirationSeconds",
                    "Invalid value: " + seconds + ": may not specify a duration larger than 2^32 seconds"));
        }
        if (!findings.isEmpty()) {
            throw StatusException.invalid("authentication.k8s.io", "TokenRequest", "", findings);
        }
    }

    private record Bound(
            @Nullable Reference pod,
            @Nullable Reference secret,
            @Nullable Reference node) {}

    private Bound bound(Document body, ObjectKey account) {
        if (!body.has("spec.boundObjectRef")) {
            return new Bound(null, null, null);
        }
        GroupVersionKind kind =
                GroupVersionKind.of(body.text("spec.boundObjectRef.apiVersion"), body.text("spec.boundObjectRef.kind"));
        String name = body.text("spec.boundObjectRef.name");
        ObjectKey key = ObjectKey.namespaced(account.namespace(), name);
        String expected = body.text("spec.boundObjectRef.uid");
        boolean known =
                kind.group().isEmpty() && List.of("Pod", "Secret", "Node").contains(kind.kind());
        if (known && name.isEmpty()) {
            throw StatusException.badRequest("Name parameter required.");
        }
        return switch (kind.group().isEmpty() ? kind.kind() : "") {
            case "Pod" -> {
                Document pod = get(PODS, key);
                if (!pod.text("spec.serviceAccountName").equals(account.name())) {
                    throw StatusException.badRequest(
                            "cannot bind token for serviceaccount \"%s\" to pod running with different serviceaccount name."
                                    .formatted(account.name()));
                }
                yield new Bound(matching(kind, pod, expected), null, nodeOf(pod));
            }
            case "Secret" -> new Bound(null, matching(kind, get(SECRETS, key), expected), null);
            case "Node" -> new Bound(null, null, matching(kind, get(NODES, ObjectKey.clusterScoped(name)), expected));
            default ->
                throw StatusException.badRequest("cannot bind token to object of type %s/%s, Kind=%s"
                        .formatted(kind.group(), kind.version(), kind.kind()));
        };
    }

    private @Nullable Reference nodeOf(Document pod) {
        String node = pod.text("spec.nodeName");
        if (node.isEmpty()) {
            return null;
        }
        String uid = objects.find(NODES, ObjectKey.clusterScoped(node))
                .map(Document::uid)
                .orElse("");
        return new Reference(node, uid);
    }

    private static Reference matching(GroupVersionKind kind, Document object, String expected) {
        if (!expected.isEmpty() && !expected.equals(object.uid())) {
            throw StatusException.conflict(
                    new GroupResource(kind.group(), kind.kind()),
                    object.name(),
                    "the UID in the bound object reference (" + expected
                            + ") does not match the UID in record. The object might have been deleted and then recreated");
        }
        return new Reference(object.name(), object.uid());
    }

    private Document get(GroupResource storage, ObjectKey key) {
        return objects.find(storage, key).orElseThrow(() -> StatusException.notFound(storage, key.name()));
    }
}
