package io.quarterdeck.node.api;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.feed.ChangeHandler;
import io.quarterdeck.feed.Index;
import io.quarterdeck.feed.Informer;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.feed.Scope;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.pods.PodSource;
import io.quarterdeck.node.pods.PodWriter;
import io.quarterdeck.node.pods.StatusPatch;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The node's pods by watch, and what the node writes of them. */
public final class ApiPods implements PodSource, PodWriter {

    private static final ResourceType<Pod> PODS = ResourceType.of(Pod.class);
    private static final Index<Pod> BY_UID =
            new Index<>("uid", pod -> List.of(pod.getMetadata().getUid()));
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final ApiClient api;
    private final Informer<Pod> pods;
    private final Informer<Service> services;

    public ApiPods(ApiClient api, Informers informers, String nodeName) {
        this.api = api;
        this.pods = informers.of(Pod.class, Scope.fields("spec.nodeName=" + nodeName));
        this.pods.index(BY_UID);
        this.services = informers.of(Service.class);
    }

    @Override
    public Optional<Pod> byUid(String uid) {
        return pods.lister().byIndex(BY_UID, uid).stream().findFirst();
    }

    @Override
    public Optional<Pod> byName(String namespace, String name) {
        return pods.lister().get(namespace, name);
    }

    @Override
    public List<Pod> all() {
        return pods.lister().all();
    }

    @Override
    public List<Service> services() {
        return services.lister().all();
    }

    @Override
    public void onChange(Consumer<String> uid) {
        pods.handle(new ChangeHandler<Pod>() {
            @Override
            public void added(Pod pod) {
                uid.accept(pod.getMetadata().getUid());
            }

            @Override
            public void updated(Pod before, Pod after) {
                uid.accept(after.getMetadata().getUid());
                if (!before.getMetadata().getUid().equals(after.getMetadata().getUid())) {
                    uid.accept(before.getMetadata().getUid());
                }
            }

            @Override
            public void deleted(Pod last) {
                uid.accept(last.getMetadata().getUid());
            }
        });
    }

    @Override
    public void updateStatus(Pod pod, PodStatus status) {
        Optional<String> patch =
                StatusPatch.between(pod, status, api.serialization().mapper());
        if (patch.isEmpty()) {
            return;
        }
        try {
            api.patch(PODS, key(pod), "status", "application/strategic-merge-patch+json", patch.get());
        } catch (StatusException e) {
            // Gone, or another pod under the name by now: the watch will say so.
            if (e.code() != NOT_FOUND && e.code() != CONFLICT) {
                throw e;
            }
        }
    }

    @Override
    public void confirmDeletion(Pod pod) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withGracePeriodSeconds(0L)
                .withNewPreconditions()
                .withUid(pod.getMetadata().getUid())
                .endPreconditions()
                .build();
        try {
            api.delete(PODS, key(pod), options);
        } catch (StatusException e) {
            if (e.code() != NOT_FOUND && e.code() != CONFLICT) {
                throw e;
            }
        }
    }

    private static ObjectKey key(Pod pod) {
        return new ObjectKey(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
    }
}
