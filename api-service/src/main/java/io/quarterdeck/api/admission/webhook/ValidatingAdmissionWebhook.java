package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.RequestMatcher;
import io.quarterdeck.api.admission.Versions;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Lets webhooks judge objects, all at once.
 *
 * <p>Source: Kubernetes documentation, "Dynamic Admission Control".
 */
@Component
final class ValidatingAdmissionWebhook implements AdmissionPlugin {

    private static final Logger log = LoggerFactory.getLogger(ValidatingAdmissionWebhook.class);

    private final HookSource hooks;
    private final HookMatcher matcher;
    private final HookCaller caller;
    private final Versions versions;

    private record Invocation(Hook hook, ResourceDefinition matched) {}

    ValidatingAdmissionWebhook(WatchCache cache, HookMatcher matcher, HookCaller caller, Versions versions) {
        this.hooks = new HookSource(
                cache, new GroupResource("admissionregistration.k8s.io", "validatingwebhookconfigurations"));
        this.matcher = matcher;
        this.caller = caller;
        this.versions = versions;
    }

    @Override
    public String name() {
        return "ValidatingAdmissionWebhook";
    }

    @Override
    public void validate(AdmissionRequest request) {
        List<Hook> current = hooks.current();
        if (current.isEmpty() || RequestMatcher.isExempt(request)) {
            return;
        }
        List<Invocation> invocations = new ArrayList<>();
        for (Hook hook : current) {
            Optional<ResourceDefinition> matched = matcher.match(hook, request);
            matched.ifPresent(resource -> invocations.add(new Invocation(hook, resource)));
        }
        if (invocations.size() == 1) {
            call(invocations.getFirst(), 0, request);
        } else if (!invocations.isEmpty()) {
            callAll(invocations, request);
        }
    }

    private void callAll(List<Invocation> invocations, AdmissionRequest request) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < invocations.size(); i++) {
                Invocation invocation = invocations.get(i);
                int place = i;
                calls.add(threads.submit(() -> call(invocation, place, request)));
            }
            for (Future<?> call : calls) {
                call.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StatusException refusal) {
                throw refusal;
            }
            throw new IllegalStateException("a webhook could not be called", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StatusException.unavailable("the server is shutting down");
        }
    }

    private void call(Invocation invocation, int place, AdmissionRequest request) {
        Hook hook = invocation.hook();
        ResourceDefinition matched = invocation.matched();
        try {
            caller.ask(
                    hook,
                    request,
                    matched,
                    versions.in(matched, request, request.object()),
                    versions.in(matched, request, request.old()),
                    false);
        } catch (CallException e) {
            if (!hook.ignoresFailures()) {
                throw StatusException.internal(String.valueOf(e.getMessage()));
            }
            log.warn("Failed calling webhook, failing open {}: {}", hook.name(), e.getMessage());
            request.request()
                    .annotate("failed-open.validating.webhook.admission.k8s.io/round_0_index_" + place, hook.name());
        }
    }
}
