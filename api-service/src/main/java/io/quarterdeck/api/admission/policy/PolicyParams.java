package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.Versions;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.model.ObjectKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The objects that parametrize a policy, by its bindings. Thread-safe.
 *
 * <p>Source: API admissionregistration.k8s.io/v1, ParamRef.
 */
@Component
final class PolicyParams {

    private static final List<@Nullable Document> NO_PARAMS = Collections.singletonList(null);

    private final CachedObjects objects;
    private final Versions versions;
    private final ObjectProvider<ResourceCatalog> catalog;

    /** The parameters cannot be told; the message is upstream's. */
    static final class MissingException extends Exception {

        private static final long serialVersionUID = 1;

        MissingException(String message) {
            super(message, null, false, false);
        }
    }

    PolicyParams(CachedObjects objects, Versions versions, ObjectProvider<ResourceCatalog> catalog) {
        this.objects = objects;
        this.versions = versions;
        this.catalog = catalog;
    }

    /** @return the kind of a policy's params; null when it has none */
    @Nullable ResourceDefinition kind(Document policy) throws MissingException {
        if (!policy.has("spec.paramKind")) {
            return null;
        }
        String apiVersion = policy.text("spec.paramKind.apiVersion");
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        String version = apiVersion.substring(slash + 1);
        String kind = policy.text("spec.paramKind.kind");
        return catalog.getObject()
                .byKind(group, version, kind)
                .orElseThrow(() -> new MissingException(
                        "failed to find resource referenced by paramKind: '%s, Kind=%s'".formatted(apiVersion, kind)));
    }

    /**
     * @return one element for each evaluation: null where it has no params; empty when the policy is not to be evaluated
     * @throws MissingException when the binding is wrong, or wants a refusal without params
     */
    List<@Nullable Document> of(@Nullable ResourceDefinition kind, Document binding, AdmissionRequest request)
            throws MissingException {
        if (kind == null) {
            return NO_PARAMS;
        }
        if (!binding.has("spec.paramRef")) {
            // The policy looks at parameters, the binding names none: they are there and hold nothing.
            return List.of(Document.empty());
        }
        String wanted = binding.text("spec.paramRef.namespace");
        if (!kind.namespaced() && !wanted.isEmpty()) {
            throw new MissingException("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
        }
        String namespace = "";
        if (kind.namespaced()) {
            namespace = wanted.isEmpty() ? request.request().key().namespace() : wanted;
            if (namespace.isEmpty()) {
                throw new MissingException(
                        "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
            }
        }
        List<@Nullable Document> found = new ArrayList<>();
        String name = binding.text("spec.paramRef.name");
        if (!name.isEmpty()) {
            objects.entry(kind.storage(), new ObjectKey(namespace, name))
                    .ifPresent(params -> found.add(versions.in(kind, params)));
        } else {
            for (Entry entry : objects.entries(kind.storage(), namespace)) {
                Document params = versions.in(kind, entry);
                if (Labels.selects(binding.at("spec.paramRef.selector"), params.at("metadata.labels"))) {
                    found.add(params);
                }
            }
        }
        if (found.isEmpty()
                && binding.text("spec.paramRef.parameterNotFoundAction").equals("Deny")) {
            throw new MissingException("no params found for policy binding with `Deny` parameterNotFoundAction");
        }
        return found;
    }
}
