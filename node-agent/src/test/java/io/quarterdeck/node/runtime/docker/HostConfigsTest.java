package io.quarterdeck.node.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.model.HostConfig;
import io.quarterdeck.node.runtime.ContainerConfig;
import io.quarterdeck.node.runtime.ContainerConfig.Namespaces;
import io.quarterdeck.node.runtime.ContainerConfig.Resources;
import io.quarterdeck.node.runtime.ContainerConfig.Seccomp;
import io.quarterdeck.node.runtime.ContainerConfig.Security;
import io.quarterdeck.node.runtime.PodRef;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.Sandbox;
import io.quarterdeck.node.runtime.SandboxConfig;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class HostConfigsTest {

    private static final PodRef POD = new PodRef("n", "p", "u");
    private static final HostConfigs CONFIGS = new HostConfigs(-1000);

    private static HostConfig container(boolean privileged) {
        return CONFIGS.container(
                new Sandbox("sandbox", POD, 0, true, 1, Instant.EPOCH),
                new ContainerConfig(
                        POD,
                        "c",
                        0,
                        "image",
                        List.of(),
                        List.of(),
                        Map.of(),
                        "",
                        List.of(),
                        false,
                        false,
                        false,
                        new Namespaces(new Namespaces.Pid.Own()),
                        new Resources(512, 50_000, 100_000, 64 << 20, 500),
                        new Security(
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                List.of(),
                                privileged,
                                false,
                                false,
                                List.of(),
                                List.of(),
                                new Seccomp.Unconfined(),
                                Optional.empty(),
                                Optional.empty()),
                        Map.of()));
    }

    @Test
    void limitsAreTheEnginesInItsUnits() {
        HostConfig host = container(false);
        assertThat(host.getCpuShares()).isEqualTo(512);
        assertThat(host.getCpuQuota()).isEqualTo(50_000);
        assertThat(host.getCpuPeriod()).isEqualTo(100_000);
        assertThat(host.getMemory()).isEqualTo(64 << 20);
        assertThat(host.getMemorySwap()).isEqualTo(64 << 20);
        assertThat(host.getOomScoreAdj()).isEqualTo(500);
    }

    @Test
    void onlyAPrivilegedContainerSeesTheMachinesControlGroups() {
        assertThat(container(true).getPrivileged()).isTrue();
        assertThat(container(true).getCgroupnsMode()).isEqualTo("host");
        assertThat(container(false).getCgroupnsMode()).isNull();
    }

    @Test
    void usersOfItsOwnAreRefusedInsteadOfForgotten() {
        SandboxConfig config = new SandboxConfig(POD, 0, "p", false, false, false, true, Map.of());
        assertThatThrownBy(() -> CONFIGS.sandbox(config))
                .isInstanceOf(RuntimeFailure.class)
                .hasMessage("can't set `spec.hostUsers: false`, runtime does not support user namespaces");
    }
}
