package io.quarterdeck.node.runtime;

import java.util.Map;

/**
 * A pod's sandbox to be. Without {@code hostNetwork} it starts with an empty network namespace, which somebody else then
 * furnishes.
 *
 * @param userNamespace whether root inside is to be nobody outside
 */
public record SandboxConfig(
        PodRef pod,
        int attempt,
        String hostname,
        boolean hostNetwork,
        boolean hostPid,
        boolean hostIpc,
        boolean userNamespace,
        Map<String, String> sysctls) {
    public SandboxConfig {
        sysctls = Map.copyOf(sysctls);
    }
}
