package io.quarterdeck.standalone.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortPlanTest {
    @Test
    void theUsualPortsAreUpstreams() {
        assertThat(new PortPlan(6443).of(EnumSet.allOf(Role.class)).values())
                .containsExactlyInAnyOrder(6443, 10250, 8080, 10257, 10259, 10248, 10249, 8090);
    }

    @ParameterizedTest(name = "API on {0}")
    @ValueSource(ints = {443, 1024, 6443, 16443, 32443, 60000, 65535})
    void everyPortIsAPortAndNoTwoMeet(int api) {
        var ports = new PortPlan(api).of(EnumSet.allOf(Role.class)).values();
        assertThat(ports).allMatch(port -> port > 0 && port < 65536);
        assertThat(new HashSet<>(ports)).hasSameSizeAs(ports);
    }
}
