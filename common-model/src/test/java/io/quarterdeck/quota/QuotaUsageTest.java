package io.quarterdeck.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What objects use, and which of them a quota's scopes take in: as a real API server charges and refuses. */
class QuotaUsageTest {

    private static final GroupResource CLAIMS = new GroupResource("", "persistentvolumeclaims");
    private static final GroupResource DEVICE_CLAIMS = new GroupResource("resource.k8s.io", "resourceclaims");
    private static final String GPU = "gpu.deviceclass.resource.k8s.io/devices";

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "one | {\"exactly\":{\"deviceClassName\":\"gpu\",\"allocationMode\":\"ExactCount\",\"count\":1}} | 1",
                "all of them | {\"exactly\":{\"deviceClassName\":\"gpu\",\"allocationMode\":\"All\"}} | 32",
                "the most of alternatives | {\"firstAvailable\":[{\"deviceClassName\":\"gpu\",\"allocationMode\":\"ExactCount\",\"count\":3},{\"deviceClassName\":\"gpu\",\"allocationMode\":\"ExactCount\",\"count\":2}]} | 3",
                "a mode that nobody knows | {\"exactly\":{\"deviceClassName\":\"gpu\",\"allocationMode\":\"Some\",\"count\":7}} | 0"
            })
    void devicesCountByTheirClass(String name, String request, long devices) {
        Map<String, Quantity> usage = QuotaUsage.of(
                DEVICE_CLAIMS, json("{\"spec\":{\"devices\":{\"requests\":[" + request + "," + request + "]}}}"));

        assertThat(usage).containsEntry(GPU, Quantity.of(2 * devices));
        assertThat(QuotaUsage.counted(GPU)).contains(DEVICE_CLAIMS);
    }

    @Test
    void storageCountsInWholeBytesAndWhatIsAllocatedWhereItIsMore() {
        String claim =
                "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"1500m\"}}},\"status\":{\"allocatedResources\":{\"storage\":\"%s\"}}}";

        assertThat(QuotaUsage.of(CLAIMS, json(claim.formatted("1")))).containsEntry("requests.storage", Quantity.of(2));
        assertThat(QuotaUsage.of(CLAIMS, json(claim.formatted("5")))).containsEntry("requests.storage", Quantity.of(5));
    }

    @ParameterizedTest(name = "{0} {1} of {2}: {3}")
    @CsvSource({
        "In, gold, gold, true",
        "In, gold, silver, false",
        "In, gold, '', false",
        "NotIn, gold, silver, true",
        "NotIn, gold, '', true",
        "Exists, '', gold, true",
        "DoesNotExist, '', gold, false",
        "DoesNotExist, '', '', true"
    })
    void aScopeTakesInClaimsByTheirClass(String operator, String value, String className, boolean taken) {
        JsonNode quota = json(
                "{\"spec\":{\"scopeSelector\":{\"matchExpressions\":[{\"scopeName\":\"VolumeAttributesClass\",\"operator\":\"%s\",\"values\":[\"%s\"]}]}}}"
                        .formatted(operator, value));

        assertThat(QuotaUsage.inScope(
                        quota, CLAIMS, json("{\"spec\":{\"volumeAttributesClassName\":\"" + className + "\"}}")))
                .isEqualTo(taken);
    }

    @Test
    void aPodThatSaysItselfWhatItNeedsSpeaksForItsContainers() {
        String pod = "{\"spec\":{%s\"containers\":[{\"name\":\"b\"},{\"name\":\"a\"}]}}";
        Set<String> counted = Set.of("limits.memory");

        assertThat(QuotaUsage.missing(counted, json(pod.formatted("")))).isEqualTo(List.of("limits.memory for: a,b"));
        assertThat(QuotaUsage.missing(counted, json(pod.formatted("\"resources\":{\"requests\":{\"cpu\":\"1\"}},"))))
                .isEmpty();
    }
}
