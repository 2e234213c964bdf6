package io.quarterdeck.proxy.rules;

/** IP families. A textual address belongs to the one or the other. */
public enum Family {
    IPV4,
    IPV6;

    public static Family of(String address) {
        return address.indexOf(':') >= 0 ? IPV6 : IPV4;
    }
}
