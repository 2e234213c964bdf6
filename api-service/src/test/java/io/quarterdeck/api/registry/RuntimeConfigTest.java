package io.quarterdeck.api.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeConfigTest {

    @ParameterizedTest(name = "{0}: {2}.{1} is served: {3}")
    @CsvSource(delimiter = '|', textBlock = """
                    ''                                        | apps/v1                       | deployments     | ga    | true
                    ''                                        | resource.k8s.io/v1beta1       | resourceclaims  | beta  | false
                    resource.k8s.io/v1beta1                   | resource.k8s.io/v1beta1       | resourceclaims  | beta  | true
                    resource.k8s.io/v1beta1=true              | resource.k8s.io/v1beta2       | resourceclaims  | beta  | false
                    api/beta=true                             | resource.k8s.io/v1beta2       | resourceclaims  | beta  | true
                    api/beta=true                             | resource.k8s.io/v1alpha3      | devicetaintrules | alpha | false
                    api/all=true                              | resource.k8s.io/v1alpha3      | devicetaintrules | alpha | true
                    api/all=true;api/alpha=false              | resource.k8s.io/v1alpha3      | devicetaintrules | alpha | false
                    api/all=false;/v1=true;v1=true            | v1                            | pods            | ga    | true
                    batch/v1=false                            | batch/v1                      | jobs            | ga    | false
                    coordination.k8s.io/v1beta1/leasecandidates | coordination.k8s.io/v1beta1 | leasecandidates | beta  | true
                    """)
    void theNarrowerWordCounts(String lines, String groupVersion, String resource, String stability, boolean served) {
        int slash = groupVersion.indexOf('/');
        RuntimeConfig config = new RuntimeConfig(List.of(lines.split(";")));
        assertThat(config.serves(
                        slash < 0 ? "" : groupVersion.substring(0, slash),
                        groupVersion.substring(slash + 1),
                        resource,
                        stability))
                .isEqualTo(served);
    }

    @ParameterizedTest
    @ValueSource(strings = {"api/gamma=true", "apps/v1=maybe", "pods"})
    void whatCannotBeUnderstoodIsRefused(String line) {
        assertThatThrownBy(() -> new RuntimeConfig(List.of(line)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(line);
    }
}
