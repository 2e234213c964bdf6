package io.quarterdeck.node.network;

import io.quarterdeck.node.host.HostCommands;
import java.util.List;
import java.util.Map;

/**
 * The node's own rules for pod traffic: forwarded both ways although Docker sets the FORWARD policy to DROP, and what
 * leaves the cluster takes the node's address. Applying twice changes nothing.
 */
public final class PodTraffic {

    private final HostCommands commands;
    private final String table;
    private final String chain;

    /** @param instance tells this agent's rules from another's on the same machine */
    public PodTraffic(HostCommands commands, String instance) {
        this.commands = commands;
        this.table = "quarterdeck-node-" + instance;
        this.chain = "QD-NODE-" + instance;
    }

    public void apply(String podCidr, String clusterCidr) {
        // sysctl(8) is not on every machine.
        commands.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        String rules = """
                add table ip %1$s
                delete table ip %1$s
                table ip %1$s {
                  chain postrouting {
                    type nat hook postrouting priority srcnat; policy accept;
                    ip saddr %2$s ip daddr != %3$s ip daddr != 224.0.0.0/4 masquerade
                  }
                }
                """.formatted(table, podCidr, clusterCidr);
        HostCommands.Result result = commands.attempt(Map.of(), rules, List.of("nft", "-f", "-"));
        if (!result.ok()) {
            throw new IllegalStateException("nft: " + result.stderr().strip());
        }
        // Docker's DROP is a policy of this very chain: an accept in any other table would not save the packet.
        commands.tryRun("iptables", "-w", "-N", chain);
        commands.run("iptables", "-w", "-F", chain);
        for (String direction : List.of("-s", "-d")) {
            commands.run("iptables", "-w", "-A", chain, direction, clusterCidr, "-j", "ACCEPT");
        }
        if (!commands.tryRun("iptables", "-w", "-C", "FORWARD", "-j", chain)) {
            commands.run("iptables", "-w", "-I", "FORWARD", "-j", chain);
        }
    }

    public void remove() {
        commands.tryRun("nft", "delete", "table", "ip", table);
        while (commands.tryRun("iptables", "-w", "-D", "FORWARD", "-j", chain)) {
            // Each pass takes one jump away.
        }
        commands.tryRun("iptables", "-w", "-F", chain);
        commands.tryRun("iptables", "-w", "-X", chain);
    }
}
