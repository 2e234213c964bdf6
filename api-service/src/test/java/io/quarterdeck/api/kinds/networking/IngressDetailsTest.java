package io.quarterdeck.api.kinds.networking;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.testing.Stored;
import io.quarterdeck.model.FieldError;
import org.junit.jupiter.api.Test;

/** Single answers of kube-apiserver 1.36.2 that nothing recorded holds. */
class IngressDetailsTest {

    @Test
    void rulesThatAreMissingAreShownAsSent() {
        String why = "spec: Invalid value: %s: either `defaultBackend` or `rules` must be specified";
        assertThat(new IngressStrategy()
                        .rules()
                        .check(Stored.json("{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\"},\"spec\":{}}"), null))
                .extracting(FieldError::toString)
                .containsExactly(why.formatted("null"));
    }
}
