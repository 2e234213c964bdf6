package io.quarterdeck.controller.serviceaccount;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.util.List;
import org.springframework.stereotype.Component;

/** Gives each living namespace its service account {@code default}. */
@Component
public final class ServiceAccountReconciler implements Reconciler<Namespace> {

    private static final String DEFAULT = "default";

    @Override
    public Class<Namespace> kind() {
        return Namespace.class;
    }

    @Override
    public String name() {
        return "serviceaccount";
    }

    @Override
    public String component() {
        return "service-account-controller";
    }

    @Override
    public void watches(Watches<Namespace> watches) {
        watches.also(
                ServiceAccount.class,
                account -> account.getMetadata().getName().equals(DEFAULT)
                        ? List.of(ObjectKey.clusterScoped(account.getMetadata().getNamespace()))
                        : List.of());
    }

    @Override
    public Plan reconcile(Namespace namespace, View view) {
        String name = namespace.getMetadata().getName();
        if (namespace.getMetadata().getDeletionTimestamp() != null
                || view.lister(ServiceAccount.class).get(name, DEFAULT).isPresent()) {
            return Plan.nothing();
        }
        return Plan.of(new Action.Create(new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(name)
                .withName(DEFAULT)
                .endMetadata()
                .build()));
    }
}
