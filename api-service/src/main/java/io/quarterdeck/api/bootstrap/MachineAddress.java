package io.quarterdeck.api.bootstrap;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** Under which address others reach this machine, and what it is called. */
final class MachineAddress {

    private MachineAddress() {}

    /** The first address of a real interface, IPv4 preferred; loopback when there is no other. */
    static String first() {
        try {
            List<NetworkInterface> interfaces = Collections.list(NetworkInterface.getNetworkInterfaces());
            return interfaces.stream()
                    .filter(MachineAddress::isReal)
                    .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                    .flatMap(found -> Collections.list(found.getInetAddresses()).stream())
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .min(Comparator.comparing(address -> !(address instanceof Inet4Address)))
                    .map(InetAddress::getHostAddress)
                    .orElse("127.0.0.1");
        } catch (SocketException unreadable) {
            return "127.0.0.1";
        }
    }

    /** Bridges and pairs of containers are no way to reach the machine from elsewhere. */
    private static boolean isReal(NetworkInterface found) {
        try {
            String name = found.getName();
            return found.isUp()
                    && !found.isLoopback()
                    && !name.startsWith("docker")
                    && !name.startsWith("br-")
                    && !name.startsWith("veth")
                    && !name.startsWith("cni");
        } catch (SocketException unreadable) {
            return false;
        }
    }

    static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "localhost";
        }
    }
}
