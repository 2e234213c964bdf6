package io.quarterdeck.api.proxy;

import io.quarterdeck.api.document.Document;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A group version as its APIService says. Immutable.
 *
 * @param service {@code namespace/name} of the Service that answers; empty for what this server serves itself
 * @param authorities PEM texts that the answering server is judged by; the machine's own when empty
 * @param available whether its condition says so
 */
record AggregatedApi(
        String name,
        String group,
        String version,
        int groupPriority,
        int versionPriority,
        String service,
        int port,
        String authorities,
        boolean unjudged,
        boolean available) {

    private static final int HTTPS = 443;

    static AggregatedApi of(Document service) {
        boolean local = !service.has("spec.service");
        String bundle = service.text("spec.caBundle");
        return new AggregatedApi(
                service.name(),
                service.text("spec.group"),
                service.text("spec.version"),
                (int) service.number("spec.groupPriorityMinimum", 0),
                (int) service.number("spec.versionPriority", 0),
                local ? "" : service.text("spec.service.namespace") + "/" + service.text("spec.service.name"),
                (int) service.number("spec.service.port", HTTPS),
                bundle.isEmpty() ? "" : new String(Base64.getDecoder().decode(bundle), StandardCharsets.UTF_8),
                service.flag("spec.insecureSkipTLSVerify"),
                service.items("status.conditions").stream()
                        .anyMatch(
                                condition -> condition.path("type").asString("").equals("Available")
                                        && condition.path("status").asString("").equals("True")));
    }

    boolean local() {
        return service.isEmpty();
    }

    String namespace() {
        return service.substring(0, service.indexOf('/'));
    }

    String serviceName() {
        return service.substring(service.indexOf('/') + 1);
    }

    String groupVersion() {
        return group + "/" + version;
    }

    /** Everything but its condition. */
    boolean sameSpec(AggregatedApi other) {
        return new AggregatedApi(
                        other.name,
                        other.group,
                        other.version,
                        other.groupPriority,
                        other.versionPriority,
                        other.service,
                        other.port,
                        other.authorities,
                        other.unjudged,
                        available)
                .equals(this);
    }
}
