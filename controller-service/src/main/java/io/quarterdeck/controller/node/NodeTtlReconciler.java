package io.quarterdeck.controller.node;

import io.fabric8.kubernetes.api.model.Node;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Tells kubelets by an annotation how long to cache secrets: longer in larger clusters. */
@Component
public final class NodeTtlReconciler implements Reconciler<Node> {

    private static final String ANNOTATION = "node.alpha.kubernetes.io/ttl";

    @Override
    public Class<Node> kind() {
        return Node.class;
    }

    @Override
    public String name() {
        return "ttlcontroller";
    }

    @Override
    public String component() {
        return "ttl-controller";
    }

    @Override
    public Plan reconcile(Node node, View view) {
        String wanted = Integer.toString(seconds(view.lister(Node.class).size()));
        Map<String, String> annotations = node.getMetadata().getAnnotations();
        if (annotations != null && wanted.equals(annotations.get(ANNOTATION))) {
            return Plan.nothing();
        }
        return Plan.of(new Action.Patch(
                Node.class,
                ObjectKey.clusterScoped(node.getMetadata().getName()),
                "",
                Action.PatchType.MERGE,
                "{\"metadata\":{\"annotations\":{\"" + ANNOTATION + "\":\"" + wanted + "\"}}}"));
    }

    private static int seconds(int nodes) {
        return nodes <= 100 ? 0 : nodes <= 500 ? 15 : nodes <= 1000 ? 30 : nodes <= 2000 ? 60 : 300;
    }
}
