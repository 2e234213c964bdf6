package io.quarterdeck.controller.pods;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.quarterdeck.reconcile.Owners;

/** Pods from their templates. */
public final class PodTemplates {

    /** Longest name that a prefix may have and still be a legal object name: the generated suffix is cut in. */
    private static final int LONGEST_NAME = 253;

    private PodTemplates() {}

    /** The pod that {@code owner} asks for; the API gives it the rest of its name. */
    public static Pod pod(HasMetadata owner, PodTemplateSpec template) {
        ObjectMeta from = template.getMetadata() == null ? new ObjectMeta() : template.getMetadata();
        String prefix = owner.getMetadata().getName() + "-";
        return new PodBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withNamespace(owner.getMetadata().getNamespace())
                        .withGenerateName(
                                prefix.length() > LONGEST_NAME
                                        ? owner.getMetadata().getName()
                                        : prefix)
                        .withLabels(from.getLabels())
                        .withAnnotations(from.getAnnotations())
                        .withFinalizers(from.getFinalizers())
                        .withOwnerReferences(Owners.controlledBy(owner))
                        .build())
                .withSpec(template.getSpec())
                .build();
    }
}
