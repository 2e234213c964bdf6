package io.quarterdeck.api.patch;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.schema.Decoded;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.Golden;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Applies the recorded patches to the objects that were recorded before them. */
class SchemaPatcherGoldenTest {

    private static final Pattern SET_BY_OTHERS = Pattern.compile(
            "\\.metadata\\.(resourceVersion|managedFields|generation|creationTimestamp|uid|name|namespace).*|\\.status.*"
                    + "|\\.spec\\.(priority|preemptionPolicy|tolerations|serviceAccount).*|\\.(spec\\.usages|spec\\.finalizers).*|\\.metadata\\.labels\\.kubernetes\\.io/metadata\\.name.*");

    private final SchemaCodec codec = new SchemaCodec();
    private final SchemaPatcher patcher = new SchemaPatcher();

    @Test
    void patchesAsUpstream() {
        List<String> wrong = new ArrayList<>();
        int patched = 0;
        Map<String, ObjectNode> objects = new HashMap<>();
        for (String area : List.of("resources", "patching", "protocol", "validation", "tables")) {
            for (Golden golden : Golden.read(area)) {
                ObjectNode before = objects.get(golden.object());
                boolean patches =
                        golden.method().equals("PATCH") && !golden.contentType().contains("apply") && before != null;
                if (patches && (golden.status() == 200 || golden.status() >= 400)) {
                    String expected = golden.response().path("message").asString("");
                    String actual = patch(golden, before, golden.response(), wrong);
                    patched++;
                    if (golden.status() >= 400
                            && ownsRefusal(expected, golden.status())
                            && !matches(expected, actual)) {
                        wrong.add(golden.name() + "\n  expected " + expected + "\n  but      " + actual);
                    }
                    if (golden.status() == 200 && !actual.isEmpty()) {
                        wrong.add(golden.name() + " fails: " + actual);
                    }
                }
                remember(objects, golden);
            }
        }
        assertThat(patched).isGreaterThan(900);
        assertThat(wrong).isEmpty();
    }

    private static boolean ownsRefusal(String message, int status) {
        boolean ours = message.contains("patch: Invalid value")
                || message.startsWith("error decoding")
                || message.startsWith("the server rejected");
        return status == 500 || ours && !message.contains("converting (");
    }

    private static boolean matches(String expected, String actual) {
        return Pattern.matches(Pattern.quote(expected).replace("${*str}", "\\E.*\\Q"), actual);
    }

    private static void remember(Map<String, ObjectNode> objects, Golden golden) {
        if (!(golden.response() instanceof ObjectNode object) || golden.status() >= 300) {
            return;
        }
        String name = object.path("metadata").path("name").asString("");
        boolean dry = !golden.query("dryRun").isEmpty();
        if (name.isEmpty()
                || dry
                || object.path("kind").asString().matches("Status|Table|.*List|Scale|PartialObjectMetadata")) {
            return;
        }
        String place = golden.method().equals("POST") ? golden.object() + "/" + name : golden.object();
        objects.put(place, object);
        objects.put(place.replaceAll("/status$", ""), object);
        objects.put(place.replaceAll("/status$", "") + "/status", object);
    }

    private String patch(Golden golden, ObjectNode before, JsonNode after, List<String> wrong) {
        GroupVersionKind kind = Golden.kindOf(before);
        if (!codec.knows(kind)) {
            return "";
        }
        try {
            Encoding encoding = golden.contentType().endsWith("+yaml") ? Encoding.YAML : Encoding.JSON;
            Patcher.Patched patched = switch (golden.contentType()) {
                case "application/json-patch+json" -> patcher.json(before, golden.body());
                case "application/merge-patch+json" -> patcher.merge(before, golden.body(), encoding);
                case "application/strategic-merge-patch+json" ->
                    patcher.strategic(before, golden.body(), encoding, kind);
                default -> null;
            };
            if (patched == null) {
                return "";
            }
            Decoded decoded;
            try {
                decoded = codec.check(patched.tree(), kind);
            } catch (StatusException refusal) {
                throw patched.refused(refusal.text());
            }
            List<String> findings = new ArrayList<>(patched.findings());
            findings.addAll(decoded.findings());
            if (golden.query("fieldValidation").equals("Strict") && !findings.isEmpty()) {
                throw patched.refused("strict decoding error: " + String.join(", ", findings));
            }
            if (golden.status() != 200) {
                return "";
            }
            codec.applyDefaults(decoded.document(), kind);
            codec.canonical(decoded.document(), kind);
            Golden.differences(after, decoded.document().tree()).stream()
                    .filter(difference -> !SET_BY_OTHERS.matcher(difference).matches())
                    .forEach(difference -> wrong.add(golden.name() + " " + kind.kind() + " " + difference));
            return "";
        } catch (StatusException refusal) {
            return refusal.text();
        }
    }
}
