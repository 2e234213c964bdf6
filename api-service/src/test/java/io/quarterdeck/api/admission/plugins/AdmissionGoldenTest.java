package io.quarterdeck.api.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quarterdeck.api.admission.AdmissionChain;
import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.Golden;
import io.quarterdeck.api.testing.Stored;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The recorded verdicts of a real API server's admission, step by step, without the rest of the server. */
class AdmissionGoldenTest {

    private static final String NAMESPACE = "golden";
    private static final List<String> AREAS = List.of(
            "admission/limitrange/",
            "admission/podsecurity/",
            "admission/runtimeclass",
            "admission/serviceaccount",
            "admission/storage",
            "admission/quota/");

    @TestFactory
    Stream<DynamicNode> scenarios() {
        Map<String, List<Golden>> scenarios = new LinkedHashMap<>();
        for (Golden golden : Golden.read("admission")) {
            if (AREAS.stream().anyMatch(golden.scenario()::startsWith)) {
                scenarios
                        .computeIfAbsent(golden.scenario(), name -> new ArrayList<>())
                        .add(golden);
            }
        }
        return scenarios.entrySet().stream().map(entry -> scenario(entry.getKey(), entry.getValue()));
    }

    private static DynamicNode scenario(String name, List<Golden> steps) {
        Cluster cluster = new Cluster();
        return dynamicContainer(
                name,
                Stream.concat(
                        steps.stream()
                                .map(step -> dynamicTest(
                                        step.name() + " " + step.method() + " " + step.path(),
                                        () -> cluster.replay(step))),
                        Stream.of(dynamicTest("end", cluster::close))));
    }

    /** One scenario's objects and the plugins over them. */
    private static final class Cluster implements AutoCloseable {

        private final Stored stored = new Stored();
        private final AdmissionChain chain;

        Cluster() {
            CachedObjects objects = stored.objects();
            List<AdmissionPlugin> plugins = List.of(
                    new NamespaceLifecycle(objects),
                    new LimitRanger(objects),
                    new ServiceAccountPlugin(objects, new Random(1)),
                    new PodSecurity(objects, PodSecurityProperties.DEFAULT),
                    new PriorityPlugin(objects),
                    new DefaultTolerationSeconds(),
                    new StorageObjectInUseProtection(),
                    new PersistentVolumeClaimResize(objects),
                    new RuntimeClassPlugin(objects),
                    new QuotaJudgement(objects));
            chain = new AdmissionChain(plugins);
            stored.put(new GroupResource("", "namespaces"), "{\"metadata\":{\"name\":\"" + NAMESPACE + "\"}}");
            stored.put(
                    new GroupResource("", "serviceaccounts"),
                    "{\"metadata\":{\"namespace\":\"" + NAMESPACE + "\",\"name\":\"default\"}}");
        }

        void replay(Golden step) {
            String[] parts =
                    step.path().split("\\?")[0].replace("${ns}", NAMESPACE).split("/");
            boolean core = parts[1].equals("api");
            String group = core ? "" : parts[2];
            int at = core ? 3 : 4;
            boolean namespaced = parts.length > at + 2 && parts[at].equals("namespaces");
            int plural = namespaced ? at + 2 : at;
            GroupResource resource = new GroupResource(group, parts[plural]);
            String name = parts.length > plural + 1 ? parts[plural + 1] : "";
            String subresource = parts.length > plural + 2 ? parts[plural + 2] : "";
            if (step.method().equals("GET")) {
                return;
            }
            Document body = Stored.json(step.exchange().path("body").toString().replace("${ns}", NAMESPACE));
            Optional<Document> old = name.isEmpty() ? Optional.empty() : find(resource, namespaced, name);
            Document next = old.map(found -> merged(found, body)).orElse(body);
            next.set("metadata.name", name.isEmpty() ? next.name() : name);
            if (namespaced) {
                next.set("metadata.namespace", NAMESPACE);
            }
            if (resource.resource().equals("pods") && next.has("spec.serviceAccount")) {
                next.setIfAbsent("spec.serviceAccountName", next.text("spec.serviceAccount"));
            }
            // A container that says only its limits asks for as much: a default of pods, ahead of admission.
            for (ObjectNode container : PodContainers.initAndMain(next)) {
                container.path("resources").path("limits").properties().forEach(limit -> {
                    ObjectNode requests = ((ObjectNode) container.get("resources")).withObjectProperty("requests");
                    if (!requests.has(limit.getKey())) {
                        requests.set(limit.getKey(), limit.getValue());
                    }
                });
            }
            // The pod strategy keeps annotation and field of AppArmor alike.
            if (next.annotations().containsValue("unconfined")) {
                ((ObjectNode) next.items("spec.containers").getFirst())
                        .putObject("securityContext")
                        .putObject("appArmorProfile")
                        .put("type", "Unconfined");
            }
            List<String> warnings = new ArrayList<>();
            AdmissionRequest request = new AdmissionRequest(
                    old.isPresent() ? Operation.UPDATE : Operation.CREATE,
                    new RequestInfo(
                            new User("admin", "", List.of(User.MASTERS), Map.of()),
                            old.isPresent() ? "patch" : "create",
                            "v1",
                            new ObjectKey(namespaced ? NAMESPACE : "", name),
                            subresource,
                            false,
                            "golden",
                            RequestInfo.FieldValidation.WARN,
                            "",
                            Instant.EPOCH,
                            warnings::add),
                    definition(resource, namespaced),
                    next,
                    old.orElse(null));
            Optional<StatusException> refusal = refusal(request);
            String message = step.exchange()
                    .path("response")
                    .path("message")
                    .asString("")
                    .replace("${ns}", NAMESPACE);
            if (step.status() == 403) {
                assertThat(refusal.map(StatusException::text)).contains(message);
                return;
            }
            // 422 is the strategies' word, unless it is about labels that admission reads.
            if (step.status() == 422) {
                refusal.ifPresent(refused -> assertThat(refused.code()).isEqualTo(422));
                return;
            }
            assertThat(refusal.map(StatusException::text)).isEmpty();
            assertThat(warnings).isEqualTo(warningsOf(step));
            if (resource.resource().equals("pods")) {
                Document expected =
                        Stored.json(step.exchange().path("response").toString().replace("${ns}", NAMESPACE));
                assertThat(next.annotations()).isEqualTo(expected.annotations());
                assertThat(next.at("spec.tolerations").toString())
                        .isEqualTo(expected.at("spec.tolerations").toString());
                for (String field : List.of(
                        "priority",
                        "preemptionPolicy",
                        "nodeSelector",
                        "overhead",
                        "imagePullSecrets",
                        "serviceAccountName")) {
                    assertThat(next.at("spec." + field).toString())
                            .as(field)
                            .isEqualTo(expected.at("spec." + field).toString());
                }
                assertThat(next.items("spec.volumes")).hasSameSizeAs(expected.items("spec.volumes"));
                assertThat(mounts(next)).isEqualTo(mounts(expected));
            }
            // What strategies and defaults add stands in the answer.
            boolean pod = resource.resource().equals("pods");
            if (!step.path().contains("dryRun")) {
                stored.put(resource, pod ? next : answered(step, next));
            }
        }

        private static Document answered(Golden step, Document next) {
            Document answer =
                    Stored.json(step.exchange().path("response").toString().replace("${ns}", NAMESPACE));
            answer.set("metadata.uid", next.uid());
            return answer;
        }

        private static List<String> mounts(Document pod) {
            return PodContainers.initAndMain(pod).stream()
                    .map(container ->
                            container.path("volumeMounts").toString().replaceAll("kube-api-access-[^\"]*", "token"))
                    .toList();
        }

        private static List<String> warningsOf(Golden step) {
            JsonNode header = step.exchange().path("response_headers").path("Warning");
            List<String> texts = new ArrayList<>();
            (header.isArray() ? header : List.of(header)).forEach(warning -> {
                String text = warning.asString("").replace("${ns}", NAMESPACE);
                if (text.contains("PodSecurity") || text.contains(": ") && !text.contains("deprecated")) {
                    texts.add(text.substring(7, text.length() - 1).replace("\\\"", "\""));
                }
            });
            return texts;
        }

        private Optional<StatusException> refusal(AdmissionRequest request) {
            try {
                chain.mutate(request);
                chain.validate(request);
                return Optional.empty();
            } catch (StatusException refused) {
                return Optional.of(refused);
            }
        }

        private Optional<Document> find(GroupResource resource, boolean namespaced, String name) {
            return stored.cache()
                    .get(resource, new ObjectKey(namespaced ? NAMESPACE : "", name), new Freshness.Any())
                    .map(CachedObjects::document);
        }

        /** Enough of a patch for what was recorded: objects merge, lists of containers merge by name. */
        private static Document merged(Document old, Document patch) {
            Document next = old.copy();
            merge(next.tree(), patch.tree());
            return next;
        }

        private static void merge(ObjectNode target, ObjectNode patch) {
            patch.properties().forEach(entry -> {
                JsonNode present = target.get(entry.getKey());
                if (present instanceof ObjectNode object && entry.getValue() instanceof ObjectNode change) {
                    merge(object, change);
                } else if (entry.getKey().equals("containers")
                        && present != null
                        && present.get(0) instanceof ObjectNode container) {
                    merge(container, (ObjectNode) entry.getValue().get(0));
                } else {
                    target.set(entry.getKey(), entry.getValue());
                }
            });
        }

        private static ResourceDefinition definition(GroupResource resource, boolean namespaced) {
            return new ResourceDefinition(
                    resource.group(),
                    "v1",
                    resource.resource(),
                    resource.resource(),
                    resource.resource(),
                    namespaced,
                    List.of(),
                    List.of(),
                    List.of("list"),
                    List.of(),
                    resource,
                    "v1",
                    () -> resource,
                    ResourceDefinition.Traits.COMMON);
        }

        @Override
        public void close() throws Exception {
            stored.close();
        }

        /** Judges as the quota plugin does and notes the usage in the store, in place of the write path. */
        private final class QuotaJudgement implements AdmissionPlugin {

            private final CachedObjects objects;

            QuotaJudgement(CachedObjects objects) {
                this.objects = objects;
            }

            @Override
            public String name() {
                return "ResourceQuota";
            }

            @Override
            public void validate(AdmissionRequest request) {
                if (request.resource().plural().equals("resourcequotas")
                        || !request.resource().namespaced()) {
                    return;
                }
                List<Document> quotas = objects.list(new GroupResource("", "resourcequotas"), NAMESPACE);
                ResourceQuotaPlugin.judge(request, quotas);
                for (Document quota : quotas) {
                    ResourceQuotaPlugin.charge(request, quota);
                    stored.put(new GroupResource("", "resourcequotas"), quota);
                }
            }
        }
    }
}
