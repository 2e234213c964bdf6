package io.quarterdeck.api.kinds.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.testing.Stored;
import io.quarterdeck.model.FieldError;
import org.junit.jupiter.api.Test;

/** Single answers of kube-apiserver 1.36.2 that nothing recorded holds. */
class StrategyDetailsTest {

    @Test
    void aConfigMapThatIsTooLongIsWrongAsAWhole() {
        Document map = Stored.json("{\"metadata\":{\"name\":\"m\",\"namespace\":\"n\"},\"data\":{\"a\":\"%s\"}}"
                .formatted("x".repeat((1 << 20) + 1)));
        assertThat(new ConfigMapStrategy().rules().check(map, null))
                .extracting(FieldError::toString)
                .containsExactly("[]: Too long: may not be more than 1048576 bytes");
    }

    @Test
    void whoFinalizesANamespaceOwnsNoneOfItsStatus() {
        NamespaceStrategy namespaces = new NamespaceStrategy();
        assertThat(namespaces.settable("finalize", true)).isSameAs(namespaces.settable("", true));
    }
}
