package io.quarterdeck.api.kinds.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.testing.Stored;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComponentStatusesTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");

    private static Optional<Document> lease(String renewed) {
        return Optional.of(
                Stored.json("{\"spec\":{\"holderIdentity\":\"me\",\"leaseDurationSeconds\":15,\"renewTime\":\"%s\"}}"
                        .formatted(renewed)));
    }

    @Test
    void aComponentIsWellWhileItsLeaseHolds() {
        assertThat(ComponentStatuses.trouble("kube-scheduler", lease("2026-01-01T00:00:50.000000Z"), NOW))
                .isEmpty();
        assertThat(ComponentStatuses.trouble("kube-scheduler", lease("2026-01-01T00:00:45.000000Z"), NOW))
                .isEqualTo("lease kube-system/kube-scheduler: last renewed at 2026-01-01T00:00:45.000000Z by me");
        assertThat(ComponentStatuses.trouble("kube-scheduler", lease(""), NOW))
                .isEqualTo("lease kube-system/kube-scheduler: never renewed");
        assertThat(ComponentStatuses.trouble("kube-scheduler", Optional.empty(), NOW))
                .isEqualTo("lease kube-system/kube-scheduler: not found");
    }
}
