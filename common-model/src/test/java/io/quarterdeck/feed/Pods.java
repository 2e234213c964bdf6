package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;

/** Small pods for tests. */
final class Pods {

    private Pods() {}

    static Pod pod(String name, long revision) {
        return pod("default", name, revision, "node-1");
    }

    static Pod pod(String namespace, String name, long revision, String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withUid("uid-" + name)
                .withResourceVersion(Long.toString(revision))
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .build();
    }
}
