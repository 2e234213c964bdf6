package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.Reinvocation;
import io.quarterdeck.api.admission.RequestMatcher;
import io.quarterdeck.api.admission.Versions;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.PatchMisfitException;
import io.quarterdeck.api.patch.Patcher;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets webhooks change objects, one after the other by the names of their configurations.
 *
 * <p>Source: Kubernetes documentation, "Dynamic Admission Control".
 */
@Component
final class MutatingAdmissionWebhook implements AdmissionPlugin {

    private static final Logger log = LoggerFactory.getLogger(MutatingAdmissionWebhook.class);
    private static final String NAME = "MutatingAdmissionWebhook";

    private final HookSource hooks;
    private final HookMatcher matcher;
    private final HookCaller caller;
    private final Versions versions;
    private final Patcher patcher;

    MutatingAdmissionWebhook(
            WatchCache cache, HookMatcher matcher, HookCaller caller, Versions versions, Patcher patcher) {
        this.hooks = new HookSource(
                cache, new GroupResource("admissionregistration.k8s.io", "mutatingwebhookconfigurations"));
        this.matcher = matcher;
        this.caller = caller;
        this.versions = versions;
        this.patcher = patcher;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void mutate(AdmissionRequest request, Reinvocation round) {
        List<Hook> current = hooks.current();
        if (current.isEmpty() || RequestMatcher.isExempt(request)) {
            return;
        }
        round.started(NAME, tree(request));
        for (int i = 0; i < current.size(); i++) {
            Hook hook = current.get(i);
            Optional<ResourceDefinition> matched = matcher.match(hook, request);
            if (matched.isPresent() && round.calls(NAME, hook.key())) {
                call(hook, i, matched.get(), request, round);
            }
        }
        round.finished(NAME, tree(request));
    }

    private static @Nullable JsonNode tree(AdmissionRequest request) {
        return request.object() == null ? null : request.object().tree();
    }

    private void call(Hook hook, int place, ResourceDefinition matched, AdmissionRequest request, Reinvocation round) {
        String at = "round_%d_index_%d".formatted(round.isSecond() ? 1 : 0, place);
        boolean changed = false;
        try {
            Document shown = versions.in(matched, request, request.object());
            ArrayNode patch =
                    caller.ask(hook, request, matched, shown, versions.in(matched, request, request.old()), true);
            if (!patch.isEmpty()) {
                if (shown == null) {
                    throw StatusException.internal(
                            "admission webhook \"%s\" attempted to modify the object, which is not supported for this operation"
                                    .formatted(hook.name()));
                }
                changed = replace(request, matched, shown, patch);
                request.request()
                        .annotate(
                                "patch.webhook.admission.k8s.io/" + at,
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .put("configuration", hook.configuration())
                                        .put("webhook", hook.name())
                                        .put("patchType", "JSONPatch")
                                        .set("patch", patch)
                                        .toString());
            }
        } catch (CallException e) {
            if (!hook.ignoresFailures()) {
                throw StatusException.internal(String.valueOf(e.getMessage()));
            }
            log.warn("Failed calling webhook, failing open {}: {}", hook.name(), e.getMessage());
            request.request().annotate("failed-open.mutating.webhook.admission.k8s.io/" + at, hook.name());
        }
        request.request()
                .annotate(
                        "mutation.webhook.admission.k8s.io/" + at,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("configuration", hook.configuration())
                                .put("webhook", hook.name())
                                .put("mutated", changed)
                                .toString());
        round.called(NAME, hook.key(), changed, hook.reinvokes());
    }

    private boolean replace(AdmissionRequest request, ResourceDefinition matched, Document shown, ArrayNode patch) {
        try {
            ObjectNode patched = patcher.fitting(shown.tree(), patch.toString().getBytes(StandardCharsets.UTF_8));
            requireSameKind(new Document(patched), shown);
            return versions.replace(request, matched, new Document(patched));
        } catch (PatchMisfitException e) {
            throw StatusException.internal(String.valueOf(e.getMessage()));
        } catch (StatusException e) {
            throw StatusException.internal(e.text());
        }
    }

    /** What a patch leaves unsaid is as it was; nothing becomes another kind. */
    private static void requireSameKind(Document patched, Document shown) {
        String version = patched.apiVersion().isEmpty() ? shown.apiVersion() : patched.apiVersion();
        String kind = patched.kind().isEmpty() ? shown.kind() : patched.kind();
        if (!version.equals(shown.apiVersion()) || !kind.equals(shown.kind())) {
            throw StatusException.internal(SchemaCodec.noOptions(kind, version));
        }
    }
}
