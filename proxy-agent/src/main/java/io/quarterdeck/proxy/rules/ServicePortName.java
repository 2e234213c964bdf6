package io.quarterdeck.proxy.rules;

/** One port of one Service: what a rule is about. {@code port} is the port's name, which may be empty. */
public record ServicePortName(String namespace, String service, String port, Protocol protocol)
        implements Comparable<ServicePortName> {

    @Override
    public int compareTo(ServicePortName other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return namespace + "/" + service + "/" + protocol.lowerCase() + "/" + port;
    }
}
