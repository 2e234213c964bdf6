package io.quarterdeck.api.flowcontrol;

import io.quarterdeck.api.authn.ServiceAccountTokens;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.model.ObjectKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Says which requests belong to which priority level, and which of them make one flow. Immutable.
 *
 * <p>Source: API flowcontrol.apiserver.k8s.io/v1, FlowSchema.
 */
record FlowSchema(
        String name, String uid, String level, int precedence, Distinguisher distinguisher, List<Rule> rules) {

    private static final Comparator<FlowSchema> IN_ORDER =
            Comparator.comparingInt(FlowSchema::precedence).thenComparing(FlowSchema::name);

    private static final String ANY = "*";

    /** In force also where its object is missing, as at the first start: else administrators would wait with everybody. */
    private static final FlowSchema EXEMPT = mandatory("exempt", 1, Distinguisher.NONE, List.of(User.MASTERS));

    /** In force also where its object is missing. */
    private static final FlowSchema CATCH_ALL =
            mandatory("catch-all", 10_000, Distinguisher.BY_USER, List.of(User.UNAUTHENTICATED, User.AUTHENTICATED));

    enum Distinguisher {
        NONE,
        BY_USER,
        BY_NAMESPACE
    }

    /** One who is meant: kind User, Group or ServiceAccount. */
    record Subject(String kind, String namespace, String name) {
        boolean is(User user) {
            return switch (kind) {
                case "User" -> name.equals(ANY) || name.equals(user.name());
                case "Group" -> name.equals(ANY) || user.groups().contains(name);
                case "ServiceAccount" -> {
                    Optional<ObjectKey> account = ServiceAccountTokens.account(user.name());
                    yield account.isPresent()
                            && account.get().namespace().equals(namespace)
                            && (name.equals(ANY) || account.get().name().equals(name));
                }
                default -> false;
            };
        }
    }

    record Resources(
            List<String> verbs,
            List<String> groups,
            List<String> resources,
            boolean clusterScope,
            List<String> namespaces) {
        boolean covers(AccessRequest request) {
            String whole = request.subresource().isEmpty()
                    ? request.resource()
                    : request.resource() + "/" + request.subresource();
            boolean scope = request.namespace().isEmpty() ? clusterScope : contains(namespaces, request.namespace());
            return scope
                    && contains(verbs, request.verb())
                    && contains(groups, request.group())
                    && contains(resources, whole);
        }
    }

    record Paths(List<String> verbs, List<String> paths) {
        boolean covers(AccessRequest request) {
            return contains(verbs, request.verb()) && paths.stream().anyMatch(path -> covers(path, request.path()));
        }

        /** A path stands for all below it, with a star at its end or without. */
        private static boolean covers(String rule, String path) {
            String prefix = rule.endsWith("*") ? rule.substring(0, rule.length() - 1) : rule;
            return rule.equals(ANY)
                    || rule.equals(path)
                    || path.startsWith(prefix.endsWith("/") ? prefix : prefix + "/");
        }
    }

    record Rule(List<Subject> subjects, List<Resources> resources, List<Paths> paths) {
        boolean covers(AccessRequest request) {
            return subjects.stream().anyMatch(subject -> subject.is(request.user()))
                    && (request.isResource()
                            ? resources.stream().anyMatch(each -> each.covers(request))
                            : paths.stream().anyMatch(each -> each.covers(request)));
        }
    }

    private static FlowSchema mandatory(String name, int precedence, Distinguisher distinguisher, List<String> groups) {
        List<String> any = List.of(ANY);
        return new FlowSchema(
                name,
                "",
                name,
                precedence,
                distinguisher,
                List.of(new Rule(
                        groups.stream()
                                .map(group -> new Subject("Group", "", group))
                                .toList(),
                        List.of(new Resources(any, any, any, true, any)),
                        List.of(new Paths(any, any)))));
    }

    private static boolean contains(List<String> listed, String wanted) {
        return listed.contains(ANY) || listed.contains(wanted);
    }

    /**
     * Those that are asked, in order.
     *
     * @param objects by their names
     * @param levels that there are: a schema of another is out of force
     */
    static List<FlowSchema> inOrder(Map<String, FlowSchema> objects, Set<String> levels) {
        Map<String, FlowSchema> all = new HashMap<>(objects);
        all.putIfAbsent(EXEMPT.name, EXEMPT);
        all.putIfAbsent(CATCH_ALL.name, CATCH_ALL);
        return all.values().stream()
                .filter(schema -> levels.contains(schema.level()))
                .sorted(IN_ORDER)
                .toList();
    }

    static FlowSchema of(Document schema) {
        List<Rule> rules = new ArrayList<>();
        for (JsonNode rule : schema.items("spec.rules")) {
            List<Subject> subjects = new ArrayList<>();
            for (JsonNode subject : rule.path("subjects")) {
                String kind = subject.path("kind").asString("");
                JsonNode who = switch (kind) {
                    case "User" -> subject.path("user");
                    case "Group" -> subject.path("group");
                    default -> subject.path("serviceAccount");
                };
                subjects.add(new Subject(
                        kind,
                        who.path("namespace").asString(""),
                        who.path("name").asString("")));
            }
            List<Resources> resources = new ArrayList<>();
            for (JsonNode each : rule.path("resourceRules")) {
                resources.add(new Resources(
                        ConfigurationFile.strings(each, "verbs"),
                        ConfigurationFile.strings(each, "apiGroups"),
                        ConfigurationFile.strings(each, "resources"),
                        each.path("clusterScope").asBoolean(false),
                        ConfigurationFile.strings(each, "namespaces")));
            }
            List<Paths> paths = new ArrayList<>();
            for (JsonNode each : rule.path("nonResourceRules")) {
                paths.add(new Paths(
                        ConfigurationFile.strings(each, "verbs"), ConfigurationFile.strings(each, "nonResourceURLs")));
            }
            rules.add(new Rule(subjects, resources, paths));
        }
        return new FlowSchema(
                schema.name(),
                schema.uid(),
                schema.text("spec.priorityLevelConfiguration.name"),
                (int) schema.number("spec.matchingPrecedence", 1000),
                switch (schema.text("spec.distinguisherMethod.type")) {
                    case "ByUser" -> Distinguisher.BY_USER;
                    case "ByNamespace" -> Distinguisher.BY_NAMESPACE;
                    default -> Distinguisher.NONE;
                },
                rules);
    }

    boolean matches(AccessRequest request) {
        return rules.stream().anyMatch(rule -> rule.covers(request));
    }

    /** Requests of one schema with one value are one flow. */
    String flow(AccessRequest request) {
        return switch (distinguisher) {
            case NONE -> "";
            case BY_USER -> request.user().name();
            case BY_NAMESPACE -> request.namespace();
        };
    }
}
