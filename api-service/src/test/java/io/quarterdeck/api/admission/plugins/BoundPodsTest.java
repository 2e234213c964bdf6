package io.quarterdeck.api.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.testing.Stored;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.model.StatusException.Cause;
import io.quarterdeck.model.StatusException.Details;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What kube-apiserver 1.36.2 says to changes that a pod's node cannot follow. */
class BoundPodsTest {

    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final ResourceDefinition DEFINITION = new ResourceDefinition(
            "",
            "v1",
            "pods",
            "pod",
            "Pod",
            true,
            List.of(),
            List.of(),
            List.of("list"),
            List.of(),
            PODS,
            "v1",
            () -> PODS,
            ResourceDefinition.Traits.COMMON);
    private static final String SMALL = "{\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]}";

    private final Stored stored = new Stored();
    private final AdmissionPlugin resize = new PodResizeValidator(stored.objects());
    private final AdmissionPlugin declared = new NodeDeclaredFeatureValidator(stored.objects());

    private static Document pod(String node, int generation, String spec) {
        Document pod = Stored.json("{\"metadata\":{\"namespace\":\"d\",\"name\":\"p\"},\"spec\":%s}".formatted(spec));
        pod.set("metadata.generation", generation);
        return node.isEmpty() ? pod : pod.set("spec.nodeName", node);
    }

    private static Optional<StatusException> verdict(
            AdmissionPlugin plugin, String subresource, Document old, Document next) {
        RequestInfo request = new RequestInfo(
                User.ANONYMOUS,
                "update",
                "v1",
                new ObjectKey("d", "p"),
                subresource,
                false,
                "",
                RequestInfo.FieldValidation.WARN,
                "",
                Instant.EPOCH,
                warning -> {});
        try {
            plugin.validate(new AdmissionRequest(Operation.UPDATE, request, DEFINITION, next, old));
            return Optional.empty();
        } catch (StatusException refused) {
            return Optional.of(refused);
        }
    }

    private void node(String labels, String status) {
        stored.put(
                new GroupResource("", "nodes"),
                "{\"metadata\":{\"name\":\"n\",\"labels\":%s},\"status\":%s}".formatted(labels, status));
    }

    static Stream<Arguments> sizes() {
        String ofNode = "{\"allocatable\":{\"cpu\":\"2\",\"memory\":\"1Gi\"}}";
        return Stream.of(
                Arguments.of("fits", "{\"cpu\":\"2\",\"memory\":\"1Gi\"}", ofNode, ""),
                Arguments.of(
                        "both",
                        "{\"cpu\":\"2001m\",\"memory\":\"1025Mi\"}",
                        ofNode,
                        "cpu, requested: 2001, allocatable: 2000; memory, requested: 1074790400, allocatable: 1073741824"),
                Arguments.of(
                        "a node that says nothing", "{\"memory\":\"1\"}", "{}", "memory, requested: 1, allocatable: 0"),
                Arguments.of("other resources", "{\"a.io/b\":\"9\"}", ofNode, ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sizes")
    void aPodDoesNotOutgrowItsNode(String name, String requests, String status, String lacking) {
        node("{}", status);
        Document grown = pod("n", 2, "{\"containers\":[{\"resources\":{\"requests\":%s}}]}".formatted(requests));
        Optional<StatusException> refusal = verdict(resize, "resize", pod("n", 1, SMALL), grown);
        if (lacking.isEmpty()) {
            assertThat(refusal).isEmpty();
            return;
        }
        assertThat(refusal.map(StatusException::text))
                .contains("pods \"p\" is forbidden: node didn't have enough allocatable resources: " + lacking);
        assertThat(refusal.map(StatusException::details)
                        .map(Objects::requireNonNull)
                        .map(Details::causes))
                .contains(List.of(new Cause("NodeCapacity", "", "")));
    }

    @Test
    void onlyPodsOnLinuxAreResized() {
        node("{\"kubernetes.io/os\":\"windows\"}", "{}");
        assertThat(verdict(resize, "resize", pod("n", 1, SMALL), pod("n", 2, SMALL))
                        .map(StatusException::text))
                .contains("pods \"p\" is forbidden: pod resize is only supported on linux nodes, node \"n\" is"
                        + " \"windows\"");
    }

    @Test
    void onlyChangesOfBoundPodsAreJudged() {
        Document old = pod("n", 1, SMALL);
        assertThat(verdict(resize, "resize", old, pod("n", 2, SMALL)).map(StatusException::text))
                .contains("pods \"p\" is forbidden: node \"n\" not found");
        assertThat(verdict(resize, "resize", old, pod("n", 1, SMALL))).isEmpty();
        assertThat(verdict(resize, "", old, pod("n", 2, SMALL))).isEmpty();
        assertThat(verdict(resize, "resize", pod("", 1, SMALL), pod("", 2, SMALL)))
                .isEmpty();
    }

    static Stream<Arguments> changes() {
        String whole = "{\"resources\":{\"requests\":{\"cpu\":\"%d\"}}}";
        String starting =
                "{\"initContainers\":[{\"restartPolicy\":\"%s\",\"resources\":{\"requests\":{\"cpu\":\"%d\"}}}]}";
        return Stream.of(
                Arguments.of("containers", SMALL, SMALL.replace("1", "2"), ""),
                Arguments.of(
                        "the pod as a whole",
                        whole.formatted(1),
                        whole.formatted(2),
                        "InPlacePodLevelResourcesVerticalScaling"),
                Arguments.of(
                        "init containers",
                        starting.formatted("", 1),
                        starting.formatted("", 2),
                        "InPlacePodVerticalScalingInitContainers"),
                Arguments.of("sidecars", starting.formatted("Always", 1), starting.formatted("Always", 2), ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void aNodeSaysWhichChangesItFollows(String name, String before, String after, String feature) {
        node("{}", "{\"declaredFeatures\":[\"Other\"]}");
        for (String subresource : List.of("", "resize")) {
            assertThat(verdict(declared, subresource, pod("n", 1, before), pod("n", 2, after))
                            .map(StatusException::text))
                    .isEqualTo(
                            feature.isEmpty()
                                    ? Optional.empty()
                                    : Optional.of("pods \"p\" is forbidden: pod update requires features " + feature
                                            + " which are not available on node \"n\""));
        }
        node("{}", "{\"declaredFeatures\":[\"%s\"]}".formatted(feature));
        assertThat(verdict(declared, "resize", pod("n", 1, before), pod("n", 2, after)))
                .isEmpty();
    }
}
