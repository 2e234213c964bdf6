package io.quarterdeck.controller.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Hashes that kube-controller-manager 1.36 gave. */
class TemplateHashTest {

    static Stream<Arguments> recorded() {
        return Stream.of(
                Arguments.of(
                        "one container", template("", "\"nodeSelector\":{\"pool\":\"general\"},"), null, "5d96f47fd4"),
                Arguments.of(
                        "the same after one collision",
                        template("", "\"nodeSelector\":{\"pool\":\"general\"},"),
                        1,
                        "5d95c66889"),
                Arguments.of(
                        "with an annotation",
                        template(
                                "\"annotations\":{\"fake/behaviour\":\"run hang-delete\"},",
                                "\"nodeSelector\":{\"pool\":\"general\"},"),
                        null,
                        "9f49597b5"),
                Arguments.of(
                        "with another annotation",
                        template(
                                "\"annotations\":{\"fake/behaviour\":\"never-ready\"},",
                                "\"nodeSelector\":{\"pool\":\"general\"},"),
                        null,
                        "56c7f7695b"));
    }

    private static String template(String metadata, String spec) {
        return """
                {"metadata":{%s"labels":{"app":"web"}},
                 "spec":{%s"containers":[{"name":"c","image":"img:1","resources":{},
                   "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",
                   "imagePullPolicy":"IfNotPresent"}],
                  "restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst",
                  "securityContext":{},"schedulerName":"default-scheduler"}}""".formatted(metadata, spec);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recorded")
    void equalsUpstreams(String name, String template, @Nullable Integer collisions, String expected) {
        assertThat(TemplateHash.of(JsonMapper.shared().readTree(template), collisions))
                .isEqualTo(expected);
    }
}
