package io.quarterdeck.api.kinds.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.testing.Stored;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.ObjectKey;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MandatoryTest {

    private static final RequestInfo REQUEST =
            RequestInfo.internal("update", "v1", ObjectKey.clusterScoped("exempt"), Instant.EPOCH);
    private static final String EXEMPT = """
            {"metadata":{"name":"exempt"},"spec":{"type":"Exempt","exempt":{"nominalConcurrencyShares":%d,"lendablePercent":0}}}""";
    private static final String SCHEMA = """
            {"metadata":{"name":"%s"},"spec":{"priorityLevelConfiguration":{"name":"exempt"},"matchingPrecedence":%d,
             "rules":[{"subjects":[{"kind":"Group","group":{"name":"system:masters"}}],
             "resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"],"clusterScope":true,"namespaces":["*"]}],
             "nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["*"]}]}]}}""";

    @Test
    void theExemptLevelGivesAwayItsSharesOnly() {
        Document level = Stored.json(EXEMPT.formatted(5));
        var strategy = new PriorityLevelConfigurationStrategy();
        assertThat(strategy.validateUpdate(level, level, REQUEST)).isEmpty();
        level.set("spec.type", "Limited");
        assertThat(strategy.validateUpdate(level, level, REQUEST))
                .extracting(FieldError::message)
                .contains(
                        "Invalid value: {\"Type\":\"Limited\",\"Limited\":null,\"Exempt\":{\"NominalConcurrencyShares\":0,\"LendablePercent\":0}}: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value");
    }

    @Test
    void theExemptSchemaStaysAsItIs() {
        var strategy = new FlowSchemaStrategy();
        Document fixed = Stored.json(SCHEMA.formatted("exempt", 1));
        assertThat(strategy.validateUpdate(fixed, fixed, REQUEST)).isEmpty();
        Document changed = Stored.json(SCHEMA.formatted("exempt", 5));
        assertThat(strategy.validateUpdate(changed, fixed, REQUEST))
                .extracting(FieldError::message)
                .singleElement()
                .asString()
                .endsWith("spec of 'exempt' must equal the fixed value");
    }

    @Test
    void onlyTheExemptSchemaComesFirst() {
        Document schema = Stored.json(SCHEMA.formatted("mine", 1));
        assertThat(new FlowSchemaStrategy().validateCreate(schema, REQUEST))
                .extracting(FieldError::message)
                .containsExactly("Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1");
    }
}
