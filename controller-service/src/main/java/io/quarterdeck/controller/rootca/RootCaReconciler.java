package io.quarterdeck.controller.rootca;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Publishes the cluster's CA certificate as ConfigMap kube-root-ca.crt in each namespace. */
public final class RootCaReconciler implements Reconciler<Namespace> {

    private static final String NAME = "kube-root-ca.crt";
    private static final String KEY = "ca.crt";
    private static final String DESCRIPTION = "kubernetes.io/description";
    private static final String TEXT = "Contains a CA bundle that can be used to verify the kube-apiserver when using"
            + " internal endpoints such as the internal service IP or kubernetes.default.svc."
            + " No other usage is guaranteed across distributions of Kubernetes clusters.";

    private final String certificate;

    /** @param certificate in PEM */
    public RootCaReconciler(String certificate) {
        this.certificate = certificate;
    }

    @Override
    public Class<Namespace> kind() {
        return Namespace.class;
    }

    @Override
    public String name() {
        return "root_ca_cert_publisher";
    }

    @Override
    public String component() {
        return "root-ca-cert-publisher";
    }

    @Override
    public void watches(Watches<Namespace> watches) {
        watches.also(
                ConfigMap.class,
                map -> map.getMetadata().getName().equals(NAME)
                        ? List.of(ObjectKey.clusterScoped(map.getMetadata().getNamespace()))
                        : List.of());
    }

    @Override
    public Plan reconcile(Namespace namespace, View view) {
        if (namespace.getMetadata().getDeletionTimestamp() != null) {
            return Plan.nothing();
        }
        String name = namespace.getMetadata().getName();
        Optional<ConfigMap> known = view.lister(ConfigMap.class).get(name, NAME);
        if (known.filter(this::right).isPresent()) {
            return Plan.nothing();
        }
        ConfigMap next = known.map(ConfigMapBuilder::new)
                .orElseGet(ConfigMapBuilder::new)
                .editOrNewMetadata()
                .withNamespace(name)
                .withName(NAME)
                .addToAnnotations(DESCRIPTION, TEXT)
                .endMetadata()
                .withData(Map.of(KEY, certificate))
                .build();
        return Plan.of(known.isPresent() ? new Action.Update(next) : new Action.Create(next));
    }

    private boolean right(ConfigMap map) {
        return Map.of(KEY, certificate).equals(map.getData())
                && map.getMetadata().getAnnotations() != null
                && TEXT.equals(map.getMetadata().getAnnotations().get(DESCRIPTION));
    }
}
