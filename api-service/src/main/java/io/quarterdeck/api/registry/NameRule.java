package io.quarterdeck.api.registry;

/** The rule that an object's name follows. Source: Kubernetes documentation, "Object Names and IDs". */
public enum NameRule {
    DNS_SUBDOMAIN,
    DNS_LABEL,
    DNS_1035_LABEL,
    PATH_SEGMENT
}
