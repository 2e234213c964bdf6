package io.quarterdeck.api.authz;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.testing.Stored;
import io.quarterdeck.model.GroupResource;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Thousands of cells of verb × resource × subresource × scope × subject, judged three ways over the same objects: by the
 * authorizer, by a naive reading of the documentation without any index, and by a real kube-apiserver 1.36.2, whose decisions
 * were recorded once.
 */
class DecisionTableTest {

    private static final String GROUP = "rbac.authorization.k8s.io";

    private static Stored stored;
    private static JsonNode table;
    private static RbacAuthorizer authorizer;

    @BeforeAll
    static void load() throws IOException {
        try (InputStream in = new GZIPInputStream(Objects.requireNonNull(
                DecisionTableTest.class.getResourceAsStream("/io/quarterdeck/api/authz/decisions.json.gz")))) {
            table = JsonMapper.shared().readTree(in);
        }
        stored = new Stored();
        table.path("objects")
                .properties()
                .forEach(kind -> kind.getValue()
                        .forEach(object -> stored.put(new GroupResource(GROUP, kind.getKey()), new Document((ObjectNode)
                                object.deepCopy()))));
        authorizer = new RbacAuthorizer(stored.cache());
    }

    @AfterAll
    static void close() throws Exception {
        stored.close();
    }

    private static List<String> strings(JsonNode list) {
        List<String> strings = new ArrayList<>();
        list.forEach(each -> strings.add(each.asString("")));
        return strings;
    }

    private static AccessRequest request(JsonNode cell) {
        User user = new User(cell.path("user").asString(""), "", strings(cell.path("groups")), Map.of());
        String verb = cell.path("verb").asString("");
        if (cell.has("path")) {
            return AccessRequest.path(user, verb, cell.path("path").asString(""));
        }
        String[] resource = cell.path("resource").asString("").split("/");
        return AccessRequest.resource(
                user,
                verb,
                cell.path("group").asString(""),
                "v1",
                resource[0],
                resource.length > 1 ? resource[1] : "",
                cell.path("namespace").asString(""),
                cell.path("name").asString(""));
    }

    @Test
    void decidesAsARealServerDoes() {
        List<String> differences = new ArrayList<>();
        int allowed = 0;
        for (JsonNode cell : table.path("cells")) {
            boolean expected = cell.path("allowed").asBoolean(false);
            Decision decision = authorizer.decide(request(cell));
            allowed += expected ? 1 : 0;
            if (decision instanceof Decision.Allow != expected) {
                differences.add(cell + " but " + decision);
            }
        }
        assertThat(table.path("cells").size()).isGreaterThanOrEqualTo(5_000);
        assertThat(allowed).isBetween(500, table.path("cells").size() - 500);
        assertThat(differences).isEmpty();
    }

    @Test
    void decidesAsANaiveReadingDoes() {
        List<String> differences = new ArrayList<>();
        for (JsonNode cell : table.path("cells")) {
            boolean naive = naively(cell);
            if (authorizer.decide(request(cell)) instanceof Decision.Allow != naive) {
                differences.add(cell + " but naively " + naive);
            }
        }
        assertThat(differences).isEmpty();
    }

    /** Every binding, every subject, every rule, every time. */
    private static boolean naively(JsonNode cell) {
        for (JsonNode binding : table.path("objects").path("clusterrolebindings")) {
            if (bound(binding, cell, "") && granted(role("clusterroles", "", binding), cell)) {
                return true;
            }
        }
        for (JsonNode binding : table.path("objects").path("rolebindings")) {
            String namespace = binding.path("metadata").path("namespace").asString("");
            if (cell.has("path") || !namespace.equals(cell.path("namespace").asString(""))) {
                continue;
            }
            boolean cluster = binding.path("roleRef").path("kind").asString("").equals("ClusterRole");
            if (bound(binding, cell, namespace)
                    && granted(role(cluster ? "clusterroles" : "roles", cluster ? "" : namespace, binding), cell)) {
                return true;
            }
        }
        return false;
    }

    private static boolean bound(JsonNode binding, JsonNode cell, String namespace) {
        String user = cell.path("user").asString("");
        return binding.path("subjects").valueStream().anyMatch(subject -> {
            String name = subject.path("name").asString("");
            return switch (subject.path("kind").asString("")) {
                case "User" -> user.equals(name);
                case "Group" -> strings(cell.path("groups")).contains(name);
                default ->
                    user.equals(
                            "system:serviceaccount:" + subject.path("namespace").asString(namespace) + ":" + name);
            };
        });
    }

    private static JsonNode role(String kind, String namespace, JsonNode binding) {
        String name = binding.path("roleRef").path("name").asString("");
        return table.path("objects")
                .path(kind)
                .valueStream()
                .filter(role -> role.path("metadata").path("name").asString("").equals(name)
                        && role.path("metadata").path("namespace").asString("").equals(namespace))
                .findFirst()
                .orElse(binding.path("absent"));
    }

    private static boolean granted(JsonNode role, JsonNode cell) {
        return role.path("rules").valueStream().anyMatch(rule -> {
            List<String> verbs = strings(rule.path("verbs"));
            if (!verbs.contains("*") && !verbs.contains(cell.path("verb").asString(""))) {
                return false;
            }
            if (cell.has("path")) {
                String path = cell.path("path").asString("");
                return strings(rule.path("nonResourceURLs")).stream()
                        .anyMatch(url -> path.matches(Pattern.quote(url).replaceAll("\\*(\\\\E)$", "\\\\E.*")));
            }
            List<String> groups = strings(rule.path("apiGroups"));
            List<String> resources = strings(rule.path("resources"));
            List<String> names = strings(rule.path("resourceNames"));
            String resource = cell.path("resource").asString("");
            int slash = resource.indexOf('/');
            return (groups.contains("*") || groups.contains(cell.path("group").asString("")))
                    && (resources.contains("*")
                            || resources.contains(resource)
                            || (slash > 0 && resources.contains("*" + resource.substring(slash))))
                    && (names.isEmpty() || names.contains(cell.path("name").asString("")));
        });
    }

    /** Ten thousand bindings: a decision stays a look-up. Generous, so that a busy machine does not fail it. */
    @Test
    void tenThousandBindingsCostMicroseconds() throws Exception {
        try (Stored many = new Stored()) {
            many.put(new GroupResource(GROUP, "clusterroles"), """
                    {"metadata":{"name":"reader"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""");
            for (int i = 0; i < 10_000; i++) {
                many.put(new GroupResource(GROUP, "rolebindings"), """
                        {"metadata":{"name":"b%d","namespace":"ns%d"},"roleRef":{"kind":"ClusterRole","name":"reader"},
                        "subjects":[{"kind":"User","name":"user%d"}]}""".formatted(i, i % 500, i));
            }
            RbacAuthorizer large = new RbacAuthorizer(many.cache());
            AccessRequest yes = ask("user4711", "ns211");
            AccessRequest no = ask("user4711", "ns212");
            assertThat(large.decide(yes)).isInstanceOf(Decision.Allow.class);
            assertThat(large.decide(no)).isInstanceOf(Decision.NoOpinion.class);
            long best = Long.MAX_VALUE;
            for (int round = 0; round < 20; round++) {
                long start = System.nanoTime();
                for (int i = 0; i < 5_000; i++) {
                    large.decide(i % 2 == 0 ? yes : no);
                }
                best = Math.min(best, (System.nanoTime() - start) / 5_000);
            }
            assertThat(best).isLessThan(20_000);
        }
    }

    private static AccessRequest ask(String user, String namespace) {
        return AccessRequest.resource(
                new User(user, "", List.of("system:authenticated", "g1", "g2"), Map.of()),
                "get",
                "",
                "v1",
                "pods",
                "",
                namespace,
                "p");
    }
}
