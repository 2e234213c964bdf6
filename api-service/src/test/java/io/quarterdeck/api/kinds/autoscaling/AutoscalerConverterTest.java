package io.quarterdeck.api.kinds.autoscaling;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class AutoscalerConverterTest {
    private static final String MEMORY =
            "[{\"type\":\"Resource\",\"resource\":{\"name\":\"memory\",\"targetAverageUtilization\":50}}]";

    private final AutoscalerConverter converter = new AutoscalerConverter();

    @ParameterizedTest(name = "CPU {0}, other metrics {1}")
    @CsvSource({"60, false, cpu 60", "60, true, memory 50 cpu 60", ", false, cpu 80", ", true, memory 50"})
    void theProcessorIsMeasuredByDefaultWhenNothingElseIs(Integer asked, boolean others, String kept) {
        Document sent = new Document((ObjectNode) JsonMapper.shared().readTree("{\"spec\":{\"maxReplicas\":3}}"));
        if (asked != null) {
            sent.set("spec.targetCPUUtilizationPercentage", asked);
        }
        if (others) {
            sent.object("metadata.annotations").put("autoscaling.alpha.kubernetes.io/metrics", MEMORY);
        }
        StringBuilder metrics = new StringBuilder();
        converter
                .toStored(sent)
                .at("spec.metrics")
                .forEach(metric -> metrics.append(" ")
                        .append(metric.path("resource").path("name").asString())
                        .append(" ")
                        .append(metric.path("resource")
                                .path("target")
                                .path("averageUtilization")
                                .asInt()));
        assertThat(metrics.toString().strip()).isEqualTo(kept);
    }
}
