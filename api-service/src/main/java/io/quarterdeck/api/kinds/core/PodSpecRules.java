package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What holds for a pod spec wherever it stands. Source: Kubernetes API reference "Pod"; upstream {@code ValidatePodSpec}.
 */
public final class PodSpecRules {

    private PodSpecRules() {}

    /** @param podName of a real pod; empty in a template */
    static void check(Field spec, String podName, boolean pod) {
        Field grace = spec.at("terminationGracePeriodSeconds");
        if (!grace.present()) {
            grace.required();
        }
        Field hostUsers = spec.at("hostUsers");
        boolean usesHostUsers = !hostUsers.present() || hostUsers.flag();
        Map<String, JsonNode> volumes = VolumeRules.check(spec.at("volumes"), podName);
        Set<String> claims = resourceClaims(spec.at("resourceClaims"));
        ContainerRules.check(new ContainerRules.Scope(
                spec,
                volumes,
                claims,
                grace.number(Long.MAX_VALUE),
                spec.at("restartPolicy").text(),
                usesHostUsers));
        ResourceRules.podRequirements(spec.at("resources"), spec);
        hostNetworkPorts(spec, pod);
        Field restart = spec.at("restartPolicy");
        if (restart.require()) {
            restart.oneOf("Always", "OnFailure", "Never");
        }
        Field dns = spec.at("dnsPolicy");
        if (dns.require()) {
            dns.oneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        }
        Labels.check(spec.at("nodeSelector"));
        SecurityRules.pod(spec.at("securityContext"), spec);
        SchedulingRules.affinity(spec.at("affinity"));
        dnsConfig(spec.at("dnsConfig"), dns);
        for (Field gate : spec.at("readinessGates").items()) {
            gate.at("conditionType").format(Formats::qualifiedName);
        }
        schedulingGates(spec.at("schedulingGates"));
        SchedulingRules.topologySpread(spec.at("topologySpreadConstraints"));
        SecurityRules.hostProcess(spec);
        SecurityRules.hostUsers(spec);
        names(spec);
        SchedulingRules.tolerations(spec.at("tolerations"));
        for (Field alias : spec.at("hostAliases").items()) {
            alias.at("ip").format(Addresses::address);
            alias.at("hostnames").items().forEach(name -> name.format(Formats::subdomain));
        }
        format(spec.at("priorityClassName"));
        Field runtimeClass = spec.at("runtimeClassName");
        if (runtimeClass.present()) {
            runtimeClass.format(Formats::subdomain);
        }
        spec.at("preemptionPolicy").ifPresent(policy -> {
            if (policy.require()) {
                policy.oneOf("PreemptLowerPriority", "Never");
            }
        });
        overhead(spec.at("overhead"));
        SecurityRules.operatingSystem(spec);
    }

    private static void names(Field spec) {
        format(spec.at("serviceAccountName"));
        format(spec.at("nodeName"));
        Field deadline = spec.at("activeDeadlineSeconds");
        if (deadline.isNumber()) {
            deadline.invalid(Formats.range(deadline.number(), 1, Integer.MAX_VALUE));
        }
        for (String name : List.of("hostname", "subdomain")) {
            Field field = spec.at(name);
            if (!field.empty()) {
                field.format(Formats::label);
            }
        }
        Field override = spec.at("hostnameOverride");
        if (!override.empty()) {
            override.format(Formats::subdomain);
            if (override.text().length() > 64) {
                override.tooLong(64);
            }
        }
    }

    private static void format(Field field) {
        if (!field.empty()) {
            field.format(Formats::subdomain);
        }
    }

    /** The extra resources that running a pod costs; also of a RuntimeClass. */
    public static void overhead(Field overhead) {
        overhead.entries((name, quantity) -> {
            Field field = quantity.as(overhead.path() + ".limits[" + name + "]");
            ResourceRules.containerResourceName(name, field);
            ResourceRules.value(name, field);
        });
    }

    private static Set<String> resourceClaims(Field claims) {
        Set<String> names = new HashSet<>();
        for (Field claim : claims.items()) {
            Field name = claim.at("name");
            if (name.empty()) {
                name.required();
            } else if (names.contains(name.text())) {
                name.duplicate();
            } else {
                name.format(Formats::label);
                names.add(name.text());
            }
            Field existing = claim.at("resourceClaimName");
            Field template = claim.at("resourceClaimTemplateName");
            if (existing.present() && template.present()) {
                claim.invalidValue(
                        claimText(claim),
                        "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
            } else if (!existing.present() && !template.present()) {
                claim.invalidValue(
                        claimText(claim), "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
            }
            existing.ifPresent(field -> field.format(Formats::subdomain));
            template.ifPresent(field -> field.format(Formats::subdomain));
        }
        return names;
    }

    private static Values.Raw claimText(Field claim) {
        return new Values.Raw("{\"Name\":%s,\"ResourceClaimName\":%s,\"ResourceClaimTemplateName\":%s}"
                .formatted(
                        GoQuote.quote(claim.at("name").text()),
                        Values.print(claim.at("resourceClaimName").node()),
                        Values.print(claim.at("resourceClaimTemplateName").node())));
    }

    private static void hostNetworkPorts(Field spec, boolean pod) {
        if (!spec.at("hostNetwork").flag()) {
            return;
        }
        for (Field container : spec.at("containers").items()) {
            for (Field port : container.at("ports").items()) {
                Field host = port.at("hostPort");
                if ((pod || host.number() != 0)
                        && host.number() != port.at("containerPort").number()) {
                    host.invalidValue(host.number(), "must match `containerPort` when `hostNetwork` is true");
                }
            }
        }
    }

    private static void dnsConfig(Field config, Field policy) {
        Field servers = config.at("nameservers");
        if (policy.is("None")) {
            if (!config.present()) {
                config.required("must provide `dnsConfig` when `dnsPolicy` is None");
                return;
            }
            if (servers.empty()) {
                servers.required("must provide at least one DNS nameserver when `dnsPolicy` is None");
                return;
            }
        }
        if (servers.items().size() > 3) {
            servers.invalid("must not have more than 3 nameservers");
        }
        servers.items().forEach(server -> server.format(Addresses::address));
        Field searches = config.at("searches");
        if (searches.items().size() > 32) {
            searches.invalid("must not have more than 32 search paths");
        }
        if (String.join(" ", searches.texts()).length() > 2048) {
            searches.invalid("must not have more than 2048 characters (including spaces) in the search list");
        }
        for (Field search : searches.items()) {
            String text = search.text();
            if (!text.equals(".")) {
                String domain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
                Formats.subdomainWithUnderscore(domain).forEach(problem -> search.invalidValue(domain, problem));
            }
        }
        for (Field option : config.at("options").items()) {
            if (option.at("name").empty()) {
                option.required("must not be empty");
            }
        }
    }

    private static void schedulingGates(Field gates) {
        Set<String> seen = new HashSet<>();
        for (Field gate : gates.items()) {
            String name = gate.at("name").text();
            Formats.qualifiedName(name).forEach(problem -> gate.invalidValue(name, problem));
            if (!seen.add(name)) {
                gate.duplicateValue(name);
            }
        }
    }
}
