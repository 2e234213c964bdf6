package io.quarterdeck.controller.garbagecollector;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.quarterdeck.client.ResourceType;
import org.junit.jupiter.api.Test;

class OwnerGraphTest {

    private static final ResourceType<PartialObjectMetadata> SETS =
            new ResourceType<>("apps", "v1", "replicasets", "ReplicaSet", true, PartialObjectMetadata.class);
    private static final ResourceType<PartialObjectMetadata> PODS =
            new ResourceType<>("", "v1", "pods", "Pod", true, PartialObjectMetadata.class);

    private final OwnerGraph graph = new OwnerGraph();

    private static PartialObjectMetadata object(String name, String... owners) {
        PartialObjectMetadata object = new PartialObjectMetadata();
        object.setMetadata(new ObjectMetaBuilder()
                .withNamespace("ns")
                .withName(name)
                .withUid("uid-" + name)
                .build());
        for (String owner : owners) {
            object.getMetadata()
                    .getOwnerReferences()
                    .add(new OwnerReferenceBuilder()
                            .withApiVersion("apps/v1")
                            .withKind("ReplicaSet")
                            .withName(owner)
                            .withUid("uid-" + owner)
                            .build());
        }
        return object;
    }

    @Test
    void aLivingOwnerHoldsItsDependents() {
        graph.seen(SETS, object("web"));
        assertThat(graph.seen(PODS, object("a", "web")).examine()).isEmpty();
        assertThat(graph.gone("uid-web").examine()).containsExactly("uid-a");
    }

    /** A replica set makes one more pod while it is deleted, and the pod is heard of last. */
    @Test
    void aDependentThatIsSeenAfterItsOwnerIsGoneIsLookedAtLikeThoseBefore() {
        graph.seen(SETS, object("web"));
        graph.seen(PODS, object("a", "web"));
        graph.gone("uid-web");

        assertThat(graph.seen(PODS, object("late", "web")).examine()).containsExactly("uid-late");
    }

    @Test
    void anUnseenOwnerIsLookedForOnce() {
        assertThat(graph.seen(PODS, object("a", "web")).examine()).containsExactlyInAnyOrder("uid-a", "uid-web");
        assertThat(graph.seen(PODS, object("b", "web")).examine()).isEmpty();
    }

    @Test
    void whenAnUnseenOwnerProvesAbsentItsDependentsAreLookedAtAlsoThoseToCome() {
        graph.seen(PODS, object("a", "web"));
        graph.seen(PODS, object("b", "web"));

        assertThat(graph.absent("uid-web").examine()).containsExactlyInAnyOrder("uid-a", "uid-b");
        assertThat(graph.seen(PODS, object("c", "web")).examine()).containsExactly("uid-c");
    }

    @Test
    void anOwnerThatIsSeenIsNotAbsent() {
        graph.seen(PODS, object("a", "web"));
        graph.seen(SETS, object("web"));

        assertThat(graph.absent("uid-web").examine()).isEmpty();
        assertThat(graph.seen(PODS, object("b", "web")).examine()).isEmpty();
    }

    @Test
    void aGoneOwnerIsForgottenWithItsLastDependent() {
        graph.seen(SETS, object("web"));
        graph.seen(PODS, object("a", "web"));
        graph.gone("uid-web");
        graph.gone("uid-a");

        assertThat(graph.size()).isZero();
    }
}
