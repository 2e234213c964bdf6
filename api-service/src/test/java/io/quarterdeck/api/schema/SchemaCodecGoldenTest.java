package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Holds the codec against what a real API server answered. */
class SchemaCodecGoldenTest {

    private static final List<String> AREAS = List.of("resources", "tables", "validation", "patching", "protocol");
    private static final Pattern HANDLED = Pattern.compile("cannot be handled as a (\\w+)|must be of type (\\w+)");

    /** What strategies and admission set, which the schema engine knows nothing of. */
    private static final Pattern SET_BY_OTHERS = Pattern.compile(
            """
            \\w+ \\.metadata\\.(uid|resourceVersion|creationTimestamp|managedFields|generation|namespace|name|finalizers|selfLink)\\b.*
            CertificateSigningRequest \\.spec\\.(groups|uid|username).*
            CustomResourceDefinition \\.(spec\\.names|status)\\..*
            DaemonSet \\.metadata\\.annotations.*
            EndpointSlice \\.endpoints\\[0\\]\\.deprecatedTopology.*
            HorizontalPodAutoscaler \\.spec\\.(behavior|metrics|targetCPU).*
            Job \\.spec\\.(manualSelector|selector|template\\.metadata\\.labels).*
            Namespace \\.(metadata\\.labels|spec\\.finalizers).*
            Node \\.spec\\.taints.*
            PersistentVolume \\.status\\.lastPhaseTransitionTime.*
            Pod \\.spec\\.((initC|c)ontainers\\[\\d\\]\\.volumeMounts|preemptionPolicy|priority|serviceAccount|tolerations|volumes).*
            Pod \\.spec\\.terminationGracePeriodSeconds: expected 1 but -1
            Pod \\.status\\.(conditions|phase|qosClass).*
            Pod .*expected "100e18" but "100E"
            Secret \\.(stringData|data).*
            Service \\.spec\\.(clusterIP|healthCheckNodePort|ipFamil|ports\\[\\d\\]\\.nodePort|sessionAffinityConfig).*
            VolumeAttachment \\.status.*""".lines().reduce((left, right) -> left + "|" + right).orElseThrow());

    private final SchemaCodec codec = new SchemaCodec();

    @Test
    void readsWhatWasCreatedAsItWasStored() {
        TreeSet<String> found = new TreeSet<>();
        int created = 0;
        for (Golden golden : all()) {
            GroupVersionKind kind = Golden.kindOf(golden.response());
            if (!golden.method().equals("POST") || !golden.hasBody() || golden.status() != 201 || !codec.knows(kind)) {
                continue;
            }
            created++;
            Decoded decoded = codec.decode(golden.body(), encoding(golden), kind);
            codec.applyDefaults(decoded.document(), kind);
            codec.canonical(decoded.document(), kind);
            for (String difference :
                    Golden.differences(golden.response(), decoded.document().tree())) {
                String shown = kind.kind() + " " + difference;
                if (!SET_BY_OTHERS.matcher(shown).matches()) {
                    found.add(shown + " in " + golden.name());
                }
            }
        }
        assertThat(created).isGreaterThan(900);
        assertThat(found).isEmpty();
    }

    @Test
    void refusesBodiesInUpstreamsWords() {
        List<String> wrong = new ArrayList<>();
        int refused = 0;
        for (Golden golden : all()) {
            Matcher handled = HANDLED.matcher(golden.response().path("message").asString(""));
            if (!golden.hasBody()
                    || golden.status() != 400
                    || !List.of("POST", "PUT").contains(golden.method())
                    || !handled.find()) {
                continue;
            }
            refused++;
            String[] path = golden.path().split("\\?")[0].split("/");
            String kind = handled.group(1) != null ? handled.group(1) : handled.group(2);
            GroupVersionKind expected = path[1].equals("api")
                    ? new GroupVersionKind("", path[2], kind)
                    : new GroupVersionKind(path[2], path[3], kind);
            String message = golden.response()
                    .path("message")
                    .asString()
                    .replace("${*str}", "pkg/api/legacyscheme/scheme.go:30");
            String actual = answer(golden, expected);
            if (!actual.equals(message)) {
                wrong.add(golden.name() + "\n  expected " + message + "\n  but      " + actual);
            }
        }
        assertThat(refused).isGreaterThan(300);
        assertThat(wrong).isEmpty();
    }

    private String answer(Golden golden, GroupVersionKind expected) {
        try {
            Decoded decoded = codec.decode(golden.body(), encoding(golden), expected);
            return SchemaCodec.strict(decoded.kind(), expected, decoded.findings())
                    .text();
        } catch (StatusException refusal) {
            return refusal.text();
        }
    }

    @Test
    void protobufCarriesEveryAnswerUnchanged() {
        List<String> changed = new ArrayList<>();
        int carried = 0;
        for (Golden golden : all()) {
            GroupVersionKind kind = Golden.kindOf(golden.response());
            if (!(golden.response() instanceof ObjectNode) || golden.status() >= 400 || !codec.knows(kind)) {
                continue;
            }
            carried++;
            ObjectNode tree = (ObjectNode) golden.response();
            byte[] protobuf = codec.envelope(codec.protobuf(tree, kind), kind);
            Decoded decoded = codec.decode(protobuf, Encoding.PROTOBUF, kind);
            Golden.differences(tree, decoded.document().tree()).stream()
                    .filter(difference -> !difference.equals(".items: expected [] but null")
                            && !(kind.kind().equals("PartialObjectMetadataList") && difference.startsWith(".items[")))
                    // Protobuf has no type headers inside objects.
                    .filter(difference ->
                            !difference.matches("\\.spec\\.volumeClaimTemplates\\[0]\\.(kind|apiVersion): missing.*"))
                    .forEach(difference -> changed.add(golden.name() + " " + kind.kind() + " " + difference));
        }
        assertThat(carried).isGreaterThan(3_000);
        assertThat(changed).isEmpty();
    }

    private static List<Golden> all() {
        return AREAS.stream().flatMap(area -> Golden.read(area).stream()).toList();
    }

    private static Encoding encoding(Golden golden) {
        return switch (golden.contentType()) {
            case "application/yaml" -> Encoding.YAML;
            case "application/vnd.kubernetes.protobuf" -> Encoding.PROTOBUF;
            default -> Encoding.JSON;
        };
    }
}
