package io.quarterdeck.standalone.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.standalone.manifests.ManifestCheck.Report;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Also holds {@code docs/retired-kinds.md} to the table; with {@code -Dkinds.write=true} it writes that page. */
class ManifestCheckTest {

    private static final Path PAGE = Path.of("..", "docs", "retired-kinds.md");
    private static final Path EXAMPLES = Path.of("..", "examples", "retired");
    private static final List<String> SHOWN =
            List.of("petset", "replicationcontroller", "daemonset", "deployment", "ingress");

    private final ManifestCheck check = new ManifestCheck();

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    petset                | false | use apps/v1 StatefulSet (apps/v1alpha1 is gone since Kubernetes 1.5)
                    petset                | false | remove the annotation pod.alpha.kubernetes.io/initialized of the template
                    replicationcontroller | true  | use apps/v1 Deployment (v1 is served, too)
                    daemonset             | false | use apps/v1 DaemonSet (extensions/v1beta1 is gone since Kubernetes 1.16)
                    daemonset             | false | remove spec.templateGeneration
                    deployment            | false | use apps/v1 Deployment (apps/v1beta1 is gone since Kubernetes 1.16)
                    deployment            | false | remove spec.rollbackTo; roll back with kubectl rollout undo
                    ingress               | false | use networking.k8s.io/v1 Ingress (extensions/v1beta1 is gone since Kubernetes 1.22)
                    ingress               | false | spec.ingressClassName takes the place of the annotation kubernetes.io/ingress.class
                    """)
    void examplesAreToldWhatToChange(String example, boolean works, String advice) throws IOException {
        Report report = reports(example + ".yaml").getFirst();
        assertThat(report.works()).isEqualTo(works);
        assertThat(report.advice()).contains(advice);
    }

    @ParameterizedTest
    @ValueSource(strings = {"petset", "replicationcontroller", "daemonset", "deployment", "ingress"})
    void whatTheyBecomeNeedsNothing(String example) throws IOException {
        assertThat(reports(example + ".today.yaml"))
                .allSatisfy(report -> assertThat(report.advice()).isEmpty());
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
                    apps/v1                     | Deployment    | true  | ''
                    v1                          | Pod           | true  | ''
                    resource.k8s.io/v1beta1     | ResourceClaim | false | served when the setting quarterdeck.api.runtime-config has resource.k8s.io/v1beta1=true
                    example.com/v1              | Order         | true  | no kind of Kubernetes itself: it needs its CustomResourceDefinition first
                    ''                          | Pod           | false | no object: it needs apiVersion and kind
                    policy/v1beta1              | PodSecurityPolicy | false | nothing takes its place (policy/v1beta1 is gone since Kubernetes 1.25)
                    """)
    void otherKinds(String apiVersion, String kind, boolean works, String first) throws IOException {
        Report report = check.check(new StringReader("apiVersion: '%s'\nkind: %s\n".formatted(apiVersion, kind)))
                .getFirst();
        assertThat(report.works()).isEqualTo(works);
        assertThat(report.advice().isEmpty() ? "" : report.advice().getFirst()).isEqualTo(first);
    }

    @Test
    void listsAndSeveralDocumentsAreTakenApart() throws IOException {
        String file = """
                {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod"}, {"apiVersion": "batch/v1beta1", "kind": "CronJob"}]}
                ---
                # nothing
                ---
                apiVersion: v1
                kind: Service
                """;
        assertThat(check.check(new StringReader(file)))
                .extracting(Report::object)
                .containsExactly("v1 Pod", "batch/v1beta1 CronJob", "v1 Service");
    }

    @Test
    void aFileThatIsNoYamlIsRefusedInOneLine() {
        assertThatThrownBy(() -> check.check(new StringReader("a: [")))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void thePageHoldsTheTable() throws IOException {
        String page = page();
        if (Boolean.getBoolean("kinds.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(page);
    }

    private List<Report> reports(String file) throws IOException {
        try (var reader = Files.newBufferedReader(EXAMPLES.resolve(file))) {
            return check.check(reader);
        }
    }

    private String page() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Retired kinds

                Files of many years name kinds and versions that Kubernetes no longer serves. The API answers them with a plain 404,
                as upstream does, and kubectl says `no matches for kind`. `./quarterdeck doctor FILE` reads such a file and says of
                each object which kind and version to use today and what to change; it exits with 1 when something cannot be created
                as it is. This page and that command come from one table, `retired-kinds.yaml` (`ManifestCheckTest` writes the page
                with `-Dkinds.write=true`, and fails when it is stale).

                ## Examples

                """);
        for (String example : SHOWN) {
            page.append("### %s\n\n```\n$ ./quarterdeck doctor examples/retired/%s.yaml\n".formatted(example, example));
            for (Report report : reports(example + ".yaml")) {
                page.append(report.works() ? "works " : "wrong ")
                        .append(report.object())
                        .append('\n');
                report.advice()
                        .forEach(advice -> page.append("      ").append(advice).append('\n'));
            }
            page.append("```\n\nBefore and after:\n\n```yaml\n%s```\n\n```yaml\n%s```\n\n"
                    .formatted(
                            Files.readString(EXAMPLES.resolve(example + ".yaml")),
                            Files.readString(EXAMPLES.resolve(example + ".today.yaml"))));
        }
        page.append("## All of them\n\n| kind | gone since | today | what to change |\n|---|---|---|---|\n");
        for (RetiredKind retired : RetiredKinds.read().all()) {
            page.append("| %s %s | %s | %s | %s |\n"
                    .formatted(
                            retired.oldApiVersion(),
                            retired.oldKind(),
                            retired.served() ? "served" : retired.until(),
                            retired.today().orElse("nothing"),
                            Stream.of(retired.changes())
                                    .flatMap(List::stream)
                                    .map(RetiredKind.Change::text)
                                    .collect(Collectors.joining("; "))));
        }
        return page.toString();
    }
}
