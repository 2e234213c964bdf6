package io.quarterdeck.node.network;

import io.quarterdeck.node.host.HostCommands;
import java.util.List;
import java.util.Map;

/**
 * What the CNI plugin {@code portmap} leaves behind for good: its three chains and the jumps to them stay after the last
 * host port is gone. They belong to all users of the plugin on this machine, so they go only when no port uses them.
 */
public final class HostPortChains {
    private static final String PORTS = "CNI-HOSTPORT-DNAT";
    private static final String MASQUERADE = "CNI-HOSTPORT-MASQ";
    private static final List<String> CHAINS = List.of(PORTS, MASQUERADE, "CNI-HOSTPORT-SETMARK");

    private final HostCommands commands;

    public HostPortChains(HostCommands commands) {
        this.commands = commands;
    }

    public void removeUnused() {
        HostCommands.Result ports = commands.attempt(Map.of(), "", List.of("iptables", "-w", "-t", "nat", "-S", PORTS));
        if (!ports.ok() || ports.stdout().lines().anyMatch(rule -> rule.startsWith("-A "))) {
            return;
        }
        HostCommands.Result all = commands.attempt(Map.of(), "", List.of("iptables", "-w", "-t", "nat", "-S"));
        jumps(all.stdout())
                .forEach(jump -> commands.attempt(
                        Map.of(), "*nat\n-D " + jump + "\nCOMMIT\n", List.of("iptables-restore", "-w", "--noflush")));
        for (String chain : CHAINS) {
            commands.tryRun("iptables", "-w", "-t", "nat", "-F", chain);
            commands.tryRun("iptables", "-w", "-t", "nat", "-X", chain);
        }
    }

    /** The rules, as {@code iptables -S} prints them, that lead to the chains from elsewhere. */
    static List<String> jumps(String rules) {
        return rules.lines()
                .filter(rule -> rule.endsWith("-j " + PORTS) || rule.endsWith("-j " + MASQUERADE))
                .map(rule -> rule.substring("-A ".length()))
                .toList();
    }
}
