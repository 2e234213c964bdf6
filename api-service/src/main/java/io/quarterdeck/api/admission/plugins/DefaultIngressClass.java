package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import org.springframework.stereotype.Component;

/** An ingress that names no class gets the default one. */
@Component
final class DefaultIngressClass implements AdmissionPlugin {

    private static final String GROUP = "networking.k8s.io";
    private static final GroupResource CLASSES = new GroupResource(GROUP, "ingressclasses");

    private final CachedObjects objects;

    DefaultIngressClass(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "DefaultIngressClass";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, GROUP, "ingresses")) {
            return;
        }
        Document ingress = request.body();
        if (ingress.has("spec.ingressClassName") || ingress.annotation("kubernetes.io/ingress.class") != null) {
            return;
        }
        DefaultClasses.of(objects.list(CLASSES, ""), "ingressclass.kubernetes.io/is-default-class")
                .ifPresent(found -> ingress.set("spec.ingressClassName", found.name()));
    }
}
