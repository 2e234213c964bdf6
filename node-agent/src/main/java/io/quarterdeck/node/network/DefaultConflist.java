package io.quarterdeck.node.network;

import java.nio.file.Path;

/** The network that a node has unless another is configured: a veth pair for each pod, addresses from the node's range. */
public final class DefaultConflist {

    public static final String FILE = "10-quarterdeck.conflist";

    private DefaultConflist() {}

    /** @param leases where host-local notes which address is whose */
    public static String text(String podCidr, Path leases) {
        String everywhere = podCidr.contains(":") ? "::/0" : "0.0.0.0/0";
        return """
                {
                  "cniVersion": "1.0.0",
                  "name": "quarterdeck",
                  "plugins": [
                    {
                      "type": "ptp",
                      "ipMasq": false,
                      "ipam": {
                        "type": "host-local",
                        "ranges": [[{"subnet": "%s"}]],
                        "routes": [{"dst": "%s"}],
                        "dataDir": "%s"
                      }
                    },
                    {
                      "type": "portmap",
                      "capabilities": {"portMappings": true},
                      "snat": true
                    }
                  ]
                }
                """.formatted(podCidr, everywhere, leases);
    }
}
