package io.quarterdeck.api.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is exempt, and what the audit record says: compared with a real API server under the same configuration. */
class PodSecurityTest {

    private static final String PREFIX = "pod-security.kubernetes.io/";
    private static final String GOOD = "\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]";
    private static final String HOST = "\"hostNetwork\":true," + GOOD;
    private static final String BREAKS = "PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)";

    private final Stored stored = new Stored();
    private final PodSecurity plugin = new PodSecurity(
            stored.objects(),
            new PodSecurityProperties(
                    Map.of("enforce", "baseline", "audit", "baseline", "warn", "baseline"),
                    Set.of("operator"),
                    Set.of("infra"),
                    Set.of("vm")));

    /**
     * @param labels of the namespace behind their prefix
     * @param old the pod that is updated; null for a creation
     * @param notes what the audit record gets, behind the prefix
     * @param refusal empty when it passes
     */
    private record Case(
            String name,
            String user,
            String namespace,
            Map<String, String> labels,
            String resource,
            @Nullable String old,
            String spec,
            Map<String, String> notes,
            List<String> warnings,
            String refusal) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        Map<String, String> none = Map.of();
        return Stream.of(
                new Case(
                        "a pod that breaks the default",
                        "jane",
                        "team",
                        none,
                        "pods",
                        null,
                        HOST,
                        Map.of("enforce-policy", "baseline:latest", "audit-violations", "would violate " + BREAKS),
                        List.of(),
                        "violates " + BREAKS),
                new Case(
                        "a pod that does not",
                        "jane",
                        "team",
                        none,
                        "pods",
                        null,
                        GOOD,
                        Map.of("enforce-policy", "baseline:latest"),
                        List.of(),
                        ""),
                new Case(
                        "a namespace that asks for nothing",
                        "jane",
                        "team",
                        Map.of("enforce", "privileged", "audit", "privileged", "warn", "privileged"),
                        "pods",
                        null,
                        HOST,
                        Map.of("enforce-policy", "privileged:latest"),
                        List.of(),
                        ""),
                new Case(
                        "an exempt user",
                        "operator",
                        "team",
                        none,
                        "pods",
                        null,
                        HOST,
                        Map.of("exempt", "user"),
                        List.of(),
                        ""),
                new Case(
                        "an exempt namespace",
                        "jane",
                        "infra",
                        none,
                        "pods",
                        null,
                        HOST,
                        Map.of("exempt", "namespace"),
                        List.of(),
                        ""),
                new Case(
                        "an exempt user in an exempt namespace",
                        "operator",
                        "infra",
                        none,
                        "pods",
                        null,
                        HOST,
                        Map.of("exempt", "namespace"),
                        List.of(),
                        ""),
                new Case(
                        "an exempt runtime class",
                        "jane",
                        "team",
                        none,
                        "pods",
                        null,
                        "\"runtimeClassName\":\"vm\"," + HOST,
                        Map.of("exempt", "runtimeClass"),
                        List.of(),
                        ""),
                new Case(
                        "another runtime class",
                        "jane",
                        "team",
                        none,
                        "pods",
                        null,
                        "\"runtimeClassName\":\"other\"," + HOST,
                        Map.of("enforce-policy", "baseline:latest", "audit-violations", "would violate " + BREAKS),
                        List.of(),
                        "violates " + BREAKS),
                new Case(
                        "an update that brings in nothing says nothing",
                        "jane",
                        "team",
                        none,
                        "pods",
                        HOST,
                        HOST,
                        none,
                        List.of(),
                        ""),
                new Case(
                        "such an update by an exempt user",
                        "operator",
                        "team",
                        none,
                        "pods",
                        HOST,
                        HOST,
                        Map.of("exempt", "user"),
                        List.of(),
                        ""),
                new Case(
                        "another image",
                        "jane",
                        "team",
                        none,
                        "pods",
                        HOST,
                        HOST.replace("\"i\"", "\"j\""),
                        Map.of("enforce-policy", "baseline:latest", "audit-violations", "would violate " + BREAKS),
                        List.of(),
                        "violates " + BREAKS),
                new Case(
                        "noted and warned of, not enforced",
                        "jane",
                        "team",
                        Map.of("enforce", "privileged", "audit", "baseline", "warn", "baseline"),
                        "pods",
                        null,
                        HOST,
                        Map.of("enforce-policy", "privileged:latest", "audit-violations", "would violate " + BREAKS),
                        List.of("would violate " + BREAKS),
                        ""),
                new Case(
                        "a template is noted and warned of",
                        "jane",
                        "team",
                        none,
                        "deployments",
                        null,
                        HOST,
                        Map.of("audit-violations", "would violate " + BREAKS),
                        List.of("would violate " + BREAKS),
                        ""),
                new Case(
                        "a template of an exempt user",
                        "operator",
                        "team",
                        none,
                        "deployments",
                        null,
                        HOST,
                        Map.of("exempt", "user"),
                        List.of(),
                        ""),
                new Case(
                        "a template where only enforcement is asked for",
                        "jane",
                        "team",
                        Map.of("audit", "privileged", "warn", "privileged"),
                        "deployments",
                        null,
                        "\"runtimeClassName\":\"vm\"," + HOST,
                        none,
                        List.of(),
                        ""),
                new Case(
                        "labels that cannot be read are held to be strict",
                        "jane",
                        "team",
                        Map.of("enforce", "strict"),
                        "pods",
                        null,
                        GOOD,
                        Map.of(
                                "enforce-policy",
                                "restricted:latest",
                                "error",
                                "Failed to parse policy: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": must be one of privileged, baseline, restricted"),
                        List.of(),
                        "violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"),
                new Case(
                        "labels of an exempt namespace",
                        "jane",
                        "infra",
                        Map.of("enforce", "restricted"),
                        "namespaces",
                        null,
                        "",
                        none,
                        List.of(
                                "namespace \"infra\" is exempt from Pod Security, and the policy (enforce=restricted:latest) will be ignored"),
                        ""));
    }

    @AfterEach
    void close() throws Exception {
        stored.close();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void judges(Case tried) {
        Document namespace = Stored.json("{\"metadata\":{\"name\":\"" + tried.namespace() + "\"}}");
        tried.labels()
                .forEach((mode, level) -> namespace.object("metadata.labels").put(PREFIX + mode, level));
        Notes told = new Notes();
        boolean isNamespace = tried.resource().equals("namespaces");
        if (!isNamespace) {
            stored.put(new GroupResource("", "namespaces"), namespace);
        }
        AdmissionRequest request = new AdmissionRequest(
                tried.old() == null ? Operation.CREATE : Operation.UPDATE,
                info(tried, told, isNamespace),
                definition(tried.resource()),
                isNamespace ? namespace : object(tried, tried.spec()),
                tried.old() == null ? null : object(tried, tried.old()));

        Throwable refusal = catchThrowable(() -> plugin.validate(request));

        if (tried.refusal().isEmpty()) {
            assertThat(refusal).isNull();
        } else {
            assertThat(refusal).isInstanceOfSatisfying(StatusException.class, refused -> {
                assertThat(refused.code()).isEqualTo(403);
                assertThat(refused.text()).endsWith(": " + tried.refusal());
            });
        }
        assertThat(told.notes).isEqualTo(new TreeMap<>(tried.notes()));
        assertThat(told.warnings).isEqualTo(tried.warnings());
    }

    private static Document object(Case tried, String spec) {
        String metadata = "{\"metadata\":{\"namespace\":\"%s\",\"name\":\"o\"},".formatted(tried.namespace());
        return Stored.json(
                tried.resource().equals("pods")
                        ? metadata + "\"spec\":{" + spec + "}}"
                        : metadata + "\"spec\":{\"template\":{\"spec\":{" + spec + "}}}}");
    }

    private static RequestInfo info(Case tried, Notes told, boolean isNamespace) {
        return new RequestInfo(
                new User(tried.user(), "", List.of(), Map.of()),
                "create",
                "v1",
                new ObjectKey(isNamespace ? "" : tried.namespace(), ""),
                "",
                false,
                "test",
                RequestInfo.FieldValidation.WARN,
                "",
                Instant.EPOCH,
                told);
    }

    private static ResourceDefinition definition(String plural) {
        GroupResource resource = new GroupResource(plural.equals("deployments") ? "apps" : "", plural);
        return new ResourceDefinition(
                resource.group(),
                "v1",
                plural,
                plural,
                plural,
                !plural.equals("namespaces"),
                List.of(),
                List.of(),
                List.of("list"),
                List.of(),
                resource,
                "v1",
                () -> resource,
                ResourceDefinition.Traits.COMMON);
    }

    private static final class Notes implements RequestInfo.Notes {

        private final Map<String, String> notes = new TreeMap<>();
        private final List<String> warnings = new ArrayList<>();

        @Override
        public void annotate(String key, String value) {
            assertThat(key).startsWith(PREFIX);
            notes.put(key.substring(PREFIX.length()), value);
        }

        @Override
        public Duration left() {
            return Duration.ofMinutes(1);
        }

        @Override
        public void accept(String warning) {
            warnings.add(warning);
        }
    }
}
