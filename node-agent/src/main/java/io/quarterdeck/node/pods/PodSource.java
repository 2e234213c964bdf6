package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The pods that the API has bound to this node, and the services there are. Thread-safe. */
public interface PodSource {

    Optional<Pod> byUid(String uid);

    Optional<Pod> byName(String namespace, String name);

    List<Pod> all();

    List<Service> services();

    /** Calls with the uid of each pod that came, changed or went. */
    void onChange(Consumer<String> uid);
}
