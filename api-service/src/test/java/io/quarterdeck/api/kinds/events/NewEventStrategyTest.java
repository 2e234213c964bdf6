package io.quarterdeck.api.kinds.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class NewEventStrategyTest {
    /** As the core group lets it be made. */
    private static final String CORE = """
            {"metadata": {"name": "e", "namespace": "default"}, "involvedObject": {"kind": "Pod", "namespace": "default"},
             "reason": "R", "message": "m", "type": "Normal", "source": {"component": "c"}, "count": 1,
             "firstTimestamp": "2026-01-01T00:00:00Z", "reportingComponent": "", "reportingInstance": ""}""";

    private static Document core() {
        return new Document((ObjectNode) JsonMapper.shared().readTree(CORE));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "metadata.labels.a |b |",
                "reportingComponent | |",
                "message |z |message: Invalid value: \"z\": field is immutable",
                "reason | |reason: Invalid value: \"\": field is immutable",
                "count | |count: Invalid value: 0: field is immutable",
                "firstTimestamp | |firstTimestamp: Invalid value: null: field is immutable",
                "series.count |1 |series.count: Invalid value: \"\": should be at least 2",
            })
    void anEventOfTheCoreGroupMayBeChangedWhereNothingThatItSaysChanges(String field, String value, String finding) {
        Document next = core();
        if (value == null) {
            next.remove(field);
        } else if (value.equals("1")) {
            next.set(field, 1).set("series.lastObservedTime", "2026-01-01T00:00:00.000000Z");
        } else {
            next.set(field, value);
        }
        assertThat(new NewEventStrategy().rules().check(next, core()))
                .extracting(found -> found.field() + ": " + found.message())
                .containsExactlyElementsOf(finding == null ? List.of() : List.of(finding));
    }
}
