package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.podsecurity.SecurityPolicy;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the plugin PodSecurity does where a namespace has no labels, and whom it lets pass; upstream's
 * PodSecurityConfiguration.
 *
 * @param defaults modes by the names that they have as labels: enforce, enforce-version, audit, audit-version, warn, warn-version
 * @param exemptUsernames users whose requests are not judged
 * @param exemptNamespaces namespaces in which nothing is judged
 * @param exemptRuntimeClasses runtime classes whose pods are not judged
 */
@ConfigurationProperties("quarterdeck.api.admission.pod-security")
record PodSecurityProperties(
        @DefaultValue Map<String, String> defaults,
        @DefaultValue Set<String> exemptUsernames,
        @DefaultValue Set<String> exemptNamespaces,
        @DefaultValue Set<String> exemptRuntimeClasses) {

    /** Nothing is asked for and nobody is exempt. */
    static final PodSecurityProperties DEFAULT = new PodSecurityProperties(Map.of(), Set.of(), Set.of(), Set.of());

    PodSecurityProperties {
        defaults = Map.copyOf(defaults);
        exemptUsernames = Set.copyOf(exemptUsernames);
        exemptNamespaces = Set.copyOf(exemptNamespaces);
        exemptRuntimeClasses = Set.copyOf(exemptRuntimeClasses);
    }

    /** @throws IllegalArgumentException when a default cannot be read */
    SecurityPolicy policy() {
        return SecurityPolicy.configured(defaults);
    }
}
