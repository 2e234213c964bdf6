package io.quarterdeck.proxy;

import io.quarterdeck.proxy.dns.LoopbackAddress;
import io.quarterdeck.proxy.nftables.NftablesTable;
import java.io.IOException;
import java.util.List;

/** Takes away what a proxy left in the kernel; needs no running API. */
public final class ProxyCleaner {

    private ProxyCleaner() {}

    /** @param dnsAddress the address that DNS listened on */
    public static void clean(String dnsAddress) throws IOException {
        try (NftablesTable table = NftablesTable.open(List.of())) {
            table.remove();
        }
        LoopbackAddress.add(dnsAddress).close();
    }
}
