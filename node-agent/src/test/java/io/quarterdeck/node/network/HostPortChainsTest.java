package io.quarterdeck.node.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.node.host.HostCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HostPortChainsTest {
    private static final String UNUSED = """
            -P PREROUTING ACCEPT
            -N CNI-HOSTPORT-DNAT
            -N CNI-HOSTPORT-MASQ
            -N CNI-HOSTPORT-SETMARK
            -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
            -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
            -A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
            -A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ
            -A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
            """;

    private final List<String> done = new ArrayList<>();

    private HostCommands machine(String chain) {
        return new HostCommands() {
            @Override
            public Result attempt(Map<String, String> environment, String stdin, List<String> command) {
                String line = String.join(" ", command);
                if (!line.contains(" -S")) {
                    done.add(line + (stdin.isEmpty() ? "" : " < " + stdin.replace('\n', ' ')));
                }
                return new Result(0, line.endsWith(" -S") ? UNUSED : chain, "");
            }
        };
    }

    @Test
    void unusedChainsGoWithTheJumpsToThem() {
        new HostPortChains(machine("-N CNI-HOSTPORT-DNAT\n")).removeUnused();
        assertThat(done)
                .contains(
                        "iptables-restore -w --noflush < *nat -D OUTPUT -m addrtype --dst-type LOCAL"
                                + " -j CNI-HOSTPORT-DNAT COMMIT ",
                        "iptables -w -t nat -X CNI-HOSTPORT-DNAT",
                        "iptables -w -t nat -X CNI-HOSTPORT-SETMARK")
                .noneMatch(line -> line.contains("DOCKER"))
                .hasSize(3 + 6);
    }

    @Test
    void chainsThatAPortUsesStay() {
        new HostPortChains(machine("-N CNI-HOSTPORT-DNAT\n-A CNI-HOSTPORT-DNAT -j CNI-DN-1\n")).removeUnused();
        assertThat(done).isEmpty();
    }
}
