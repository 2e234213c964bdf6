package io.quarterdeck.controller.deployment;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Pod templates as deployments compare them: the label with their own hash does not count. */
final class Templates {

    static final String HASH_LABEL = "pod-template-hash";

    private Templates() {}

    static Map<String, String> labels(PodTemplateSpec template) {
        Map<String, String> labels =
                template.getMetadata() == null ? null : template.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    static boolean equalIgnoringHash(PodTemplateSpec a, PodTemplateSpec b) {
        return withoutHash(a).equals(withoutHash(b));
    }

    private static PodTemplateSpec withoutHash(PodTemplateSpec template) {
        Map<String, String> labels = new LinkedHashMap<>(labels(template));
        labels.remove(HASH_LABEL);
        return new PodTemplateSpecBuilder(template)
                .editOrNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .build();
    }
}
