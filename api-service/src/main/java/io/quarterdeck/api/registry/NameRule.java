package io.quarterdeck.api.registry;

import io.quarterdeck.api.validation.NameCheck;
import io.quarterdeck.model.Formats;
import java.util.List;

/** The rule that an object's name follows. Source: Kubernetes documentation, "Object Names and IDs". */
public enum NameRule implements NameCheck {
    DNS_SUBDOMAIN,
    DNS_LABEL,
    DNS_1035_LABEL,
    PATH_SEGMENT;

    @Override
    public List<String> problems(String name, boolean prefix) {
        String judged = prefix ? Formats.maskTrailingDash(name) : name;
        return switch (this) {
            case DNS_SUBDOMAIN -> Formats.subdomain(judged);
            case DNS_LABEL -> Formats.label(judged);
            case DNS_1035_LABEL -> Formats.dns1035Label(judged);
            case PATH_SEGMENT -> prefix ? Formats.pathSegmentPrefix(name) : Formats.pathSegment(name);
        };
    }
}
