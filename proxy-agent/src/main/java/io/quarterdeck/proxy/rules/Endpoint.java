package io.quarterdeck.proxy.rules;

/** Where traffic can go. {@code local} says that it is on this node. */
public record Endpoint(String address, int port, boolean local) implements Comparable<Endpoint> {

    @Override
    public int compareTo(Endpoint other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }
}
