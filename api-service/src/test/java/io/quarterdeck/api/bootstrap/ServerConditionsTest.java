package io.quarterdeck.api.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.testing.Stored;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerConditionsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Document SCHEMA =
            Stored.json("{\"spec\":{\"priorityLevelConfiguration\":{\"name\":\"level\"}}}");

    private static String verdict(Optional<Document> judged) {
        return judged.map(object -> object.items("status.conditions").getFirst())
                .map(condition -> "%s %s: %s"
                        .formatted(
                                condition.path("status").asString(),
                                condition.path("reason").asString(),
                                condition.path("message").asString()))
                .orElse("");
    }

    @ParameterizedTest
    @CsvSource({
        "true,False Found: This FlowSchema references the PriorityLevelConfiguration object named \"level\" and it exists",
        "false,True NotFound: This FlowSchema references the PriorityLevelConfiguration object named \"level\" but there is no such object"
    })
    void aSchemaDanglesWithoutItsLevel(boolean exists, String expected) {
        assertThat(verdict(ServerConditions.dangling(SCHEMA, exists, NOW))).isEqualTo(expected);
    }

    @Test
    void aVerdictIsWrittenOnceAndKeepsItsTime() {
        Document judged = ServerConditions.dangling(SCHEMA, true, NOW).orElseThrow();
        assertThat(ServerConditions.dangling(judged, true, NOW.plusSeconds(9))).isEmpty();
        assertThat(ServerConditions.dangling(judged, false, NOW.plusSeconds(9))
                        .orElseThrow()
                        .items("status.conditions"))
                .singleElement()
                .satisfies(condition -> assertThat(
                                condition.path("lastTransitionTime").asString())
                        .isEqualTo("2026-01-01T00:00:09Z"));
    }
}
