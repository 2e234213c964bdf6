package io.quarterdeck.scheduler.framework;

/** A port of the node that a container asks for. {@code ip} 0.0.0.0 stands for every address. */
public record HostPort(String ip, String protocol, int port) {

    static final String ANY = "0.0.0.0";

    /** Whether both cannot be had on one node. */
    public boolean conflictsWith(HostPort other) {
        return port == other.port
                && protocol.equals(other.protocol)
                && (ip.equals(ANY) || other.ip.equals(ANY) || ip.equals(other.ip));
    }
}
