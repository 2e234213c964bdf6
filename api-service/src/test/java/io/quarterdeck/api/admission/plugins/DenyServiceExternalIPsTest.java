package io.quarterdeck.api.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.testing.Stored;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CVE-2020-8554. */
class DenyServiceExternalIPsTest {

    private static final GroupResource SERVICES = new GroupResource("", "services");
    private static final ResourceDefinition DEFINITION = new ResourceDefinition(
            "",
            "v1",
            "services",
            "service",
            "Service",
            true,
            List.of(),
            List.of(),
            List.of("list"),
            List.of(),
            SERVICES,
            "v1",
            () -> SERVICES,
            ResourceDefinition.Traits.COMMON);

    private static Document service(String addresses) {
        return Stored.json("{\"metadata\":{\"namespace\":\"d\",\"name\":\"s\"},\"spec\":{\"externalIPs\":[%s]}}"
                .formatted(addresses.isEmpty() ? "" : "\"" + String.join("\",\"", addresses.split(" ")) + "\""));
    }

    @ParameterizedTest(name = "from {0} to {1}: refused {2}")
    @CsvSource({
        ", 8.8.8.8, true",
        ", '', false",
        "'', 8.8.8.8, true",
        "8.8.8.8, 8.8.8.8, false",
        "8.8.8.8, '8.8.8.8 1.1.1.1', true",
        "'8.8.8.8 1.1.1.1', 1.1.1.1, false",
    })
    void noServiceClaimsAnAddressFromOutside(@Nullable String before, String after, boolean refused) {
        RequestInfo request = new RequestInfo(
                User.ANONYMOUS,
                before == null ? "create" : "update",
                "v1",
                new ObjectKey("d", "s"),
                "",
                false,
                "test",
                RequestInfo.FieldValidation.IGNORE,
                "",
                Instant.EPOCH,
                warning -> {});
        AdmissionRequest asked = new AdmissionRequest(
                before == null ? Operation.CREATE : Operation.UPDATE,
                request,
                DEFINITION,
                service(after),
                before == null ? null : service(before));
        String said = "";
        try {
            new DenyServiceExternalIPs().validate(asked);
        } catch (StatusException forbidden) {
            said = forbidden.code() + " " + forbidden.text();
        }
        assertThat(said)
                .isEqualTo(
                        refused
                                ? "403 services \"s\" is forbidden: Use of external IPs is denied by admission control"
                                : "");
    }
}
