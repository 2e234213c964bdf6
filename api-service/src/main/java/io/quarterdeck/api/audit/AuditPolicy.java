package io.quarterdeck.api.audit;

import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.settings.ConfigurationFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What is recorded of which request: the first rule that matches decides, no rule means nothing. Bodies that are
 * credentials (secrets, tokens) are never recorded, whatever a rule says. Immutable, pure.
 *
 * <p>Source: Kubernetes documentation, "Auditing"; API audit.k8s.io/v1, Policy.
 */
public final class AuditPolicy {

    /** Nobody reads anything: what holds without a policy file. */
    public static final AuditPolicy NOTHING = new AuditPolicy(List.of());

    private static final Set<String> VERSIONS = Set.of("audit.k8s.io/v1");
    private static final Set<String> CREDENTIALS =
            Set.of("/secrets", "/serviceaccounts/token", "authentication.k8s.io/tokenreviews");

    private final List<Rule> rules;

    private AuditPolicy(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** @param level NONE when nothing is to be recorded */
    public record Verdict(AuditLevel level, Set<AuditStage> omittedStages, boolean omitManagedFields) {
        static final Verdict NOTHING = new Verdict(AuditLevel.NONE, Set.of(), false);
    }

    private record Resources(String group, List<String> resources, List<String> names) {}

    private record Rule(
            Verdict verdict,
            List<String> users,
            List<String> groups,
            List<String> verbs,
            List<Resources> resources,
            List<String> namespaces,
            List<String> paths) {

        boolean matches(AccessRequest request) {
            if (!users.isEmpty() && !users.contains(request.user().name())) {
                return false;
            }
            if (!groups.isEmpty() && request.user().groups().stream().noneMatch(groups::contains)) {
                return false;
            }
            if (!verbs.isEmpty() && !verbs.contains(request.verb())) {
                return false;
            }
            if (!resources.isEmpty() || !namespaces.isEmpty()) {
                return matchesResource(request);
            }
            return paths.isEmpty() || matchesPath(request);
        }

        private boolean matchesResource(AccessRequest request) {
            if (!request.isResource() || (!namespaces.isEmpty() && !namespaces.contains(request.namespace()))) {
                return false;
            }
            return resources.isEmpty()
                    || resources.stream()
                            .anyMatch(each -> each.group().equals(request.group())
                                    && (each.resources().isEmpty()
                                            || ((each.names().isEmpty()
                                                            || each.names().contains(request.name()))
                                                    && each.resources().stream()
                                                            .anyMatch(resource -> covers(resource, request)))));
        }

        private static boolean covers(String rule, AccessRequest request) {
            String whole = request.subresource().isEmpty()
                    ? request.resource()
                    : request.resource() + "/" + request.subresource();
            return rule.equals("*")
                    || rule.equals(whole)
                    || (!request.subresource().isEmpty()
                            && (rule.equals("*/" + request.subresource()) || rule.equals(request.resource() + "/*")));
        }

        private boolean matchesPath(AccessRequest request) {
            return !request.isResource()
                    && paths.stream()
                            .anyMatch(path -> path.equals("*")
                                    || path.equals(request.path())
                                    || (path.endsWith("*")
                                            && request.path().startsWith(path.substring(0, path.length() - 1))));
        }
    }

    public static AuditPolicy read(Path file) {
        return of(ConfigurationFile.read(file, "Policy", VERSIONS));
    }

    /** @throws IllegalArgumentException in upstream's words, naming the rule, for a policy that says nothing clear */
    static AuditPolicy of(JsonNode policy) {
        ConfigurationFile.requireFields(
                policy, "", "apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields");
        Set<AuditStage> omitted = stages(policy);
        boolean omitManagedFields = policy.path("omitManagedFields").asBoolean(false);
        List<Rule> rules = new ArrayList<>();
        int number = 0;
        for (JsonNode rule : policy.path("rules")) {
            String path = "rules[" + number++ + "]";
            try {
                rules.add(rule(rule, path, omitted, omitManagedFields));
            } catch (IllegalArgumentException malformed) {
                throw new IllegalArgumentException(path + "." + malformed.getMessage(), malformed);
            }
        }
        return new AuditPolicy(rules);
    }

    private static Rule rule(JsonNode rule, String path, Set<AuditStage> omitted, boolean omitManagedFields) {
        ConfigurationFile.requireFields(
                rule,
                path,
                "level",
                "users",
                "userGroups",
                "verbs",
                "resources",
                "namespaces",
                "nonResourceURLs",
                "omitStages",
                "omitManagedFields");
        EnumSet<AuditStage> stages = EnumSet.noneOf(AuditStage.class);
        stages.addAll(omitted);
        stages.addAll(stages(rule));
        Verdict verdict = new Verdict(
                AuditLevel.of(rule.path("level").asString("")),
                stages,
                rule.path("omitManagedFields").asBoolean(omitManagedFields));
        List<Resources> resources = new ArrayList<>();
        for (JsonNode each : rule.path("resources")) {
            ConfigurationFile.requireFields(each, path + ".resources", "group", "resources", "resourceNames");
            Resources one = new Resources(
                    each.path("group").asString(""),
                    ConfigurationFile.strings(each, "resources"),
                    ConfigurationFile.strings(each, "resourceNames"));
            if (one.group().contains("/")) {
                throw new IllegalArgumentException(
                        "resources.group: Invalid value: \"%s\": must not contain a version".formatted(one.group()));
            }
            if (!one.names().isEmpty() && one.resources().isEmpty()) {
                throw new IllegalArgumentException(
                        "resources.resourceNames: Invalid value: using resourceNames requires at least one resource");
            }
            resources.add(one);
        }
        List<String> namespaces = ConfigurationFile.strings(rule, "namespaces");
        List<String> paths = ConfigurationFile.strings(rule, "nonResourceURLs");
        if (!paths.isEmpty() && (!resources.isEmpty() || !namespaces.isEmpty())) {
            throw new IllegalArgumentException(
                    "nonResourceURLs: Invalid value: rules cannot apply to both regular resources and non-resource URLs");
        }
        for (String each : paths) {
            if (!each.equals("*")
                    && (!each.startsWith("/")
                            || each.substring(0, each.length() - 1).contains("*"))) {
                throw new IllegalArgumentException("nonResourceURLs: Invalid value: \"" + each + "\"");
            }
        }
        return new Rule(
                verdict,
                ConfigurationFile.strings(rule, "users"),
                ConfigurationFile.strings(rule, "userGroups"),
                ConfigurationFile.strings(rule, "verbs"),
                resources,
                namespaces,
                paths);
    }

    private static Set<AuditStage> stages(JsonNode object) {
        return ConfigurationFile.strings(object, "omitStages").stream()
                .map(AuditStage::of)
                .collect(Collectors.toSet());
    }

    public Verdict decide(AccessRequest request) {
        @Nullable Rule first =
                rules.stream().filter(rule -> rule.matches(request)).findFirst().orElse(null);
        if (first == null) {
            return Verdict.NOTHING;
        }
        Verdict verdict = first.verdict();
        return verdict.level().atLeast(AuditLevel.REQUEST) && showsCredentials(request)
                ? new Verdict(AuditLevel.METADATA, verdict.omittedStages(), verdict.omitManagedFields())
                : verdict;
    }

    private static boolean showsCredentials(AccessRequest request) {
        String whole = request.group() + "/" + request.resource();
        return CREDENTIALS.contains(whole)
                || (!request.subresource().isEmpty() && CREDENTIALS.contains(whole + "/" + request.subresource()));
    }
}
