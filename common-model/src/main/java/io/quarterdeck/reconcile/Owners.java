package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.quarterdeck.feed.Index;
import io.quarterdeck.model.ObjectKey;
import java.util.List;
import java.util.Optional;

/** Owner references and the one among them that controls. Source: Kubernetes documentation, "Owners and Dependents". */
public final class Owners {

    /** Objects by the uid of their controller; those without one under the empty text. */
    public static final Index<HasMetadata> CONTROLLER_UID = new Index<>(
            "controllerUid",
            object -> List.of(controllerOf(object).map(OwnerReference::getUid).orElse("")));

    private Owners() {}

    public static Optional<OwnerReference> controllerOf(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .filter(reference -> Boolean.TRUE.equals(reference.getController()))
                .findFirst();
    }

    public static boolean controls(HasMetadata owner, HasMetadata object) {
        return controllerOf(object)
                .filter(reference ->
                        reference.getUid().equals(owner.getMetadata().getUid()))
                .isPresent();
    }

    /** The reference that makes {@code owner} the controller of an object; it blocks the owner's foreground deletion. */
    public static OwnerReference controlledBy(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }

    /** Key of the controller when it is of {@code kind}, for {@link Watches#also}. */
    public static List<ObjectKey> controllerKey(HasMetadata object, Class<? extends HasMetadata> kind) {
        return controllerOf(object)
                .filter(reference -> reference.getKind().equals(HasMetadata.getKind(kind))
                        && groupOf(reference.getApiVersion()).equals(HasMetadata.getGroup(kind)))
                .map(reference -> List.of(new ObjectKey(object.getMetadata().getNamespace(), reference.getName())))
                .orElse(List.of());
    }

    private static String groupOf(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }
}
