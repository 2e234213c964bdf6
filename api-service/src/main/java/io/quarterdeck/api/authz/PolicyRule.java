package io.quarterdeck.api.authz;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What some role allows: verbs on resources of API groups, perhaps only on some names, or verbs on paths. Immutable.
 *
 * <p>Source: Kubernetes documentation, "Using RBAC Authorization".
 */
public record PolicyRule(
        List<String> verbs,
        List<String> apiGroups,
        List<String> resources,
        List<String> resourceNames,
        List<String> nonResourceUrls) {

    private static final String ALL = "*";

    /** Full authority: every verb on every resource and path. */
    static final List<PolicyRule> EVERYTHING = List.of(
            new PolicyRule(List.of(ALL), List.of(ALL), List.of(ALL), List.of(), List.of()),
            new PolicyRule(List.of(ALL), List.of(), List.of(), List.of(), List.of(ALL)));

    public PolicyRule {
        verbs = List.copyOf(verbs);
        apiGroups = List.copyOf(apiGroups);
        resources = List.copyOf(resources);
        resourceNames = List.copyOf(resourceNames);
        nonResourceUrls = List.copyOf(nonResourceUrls);
    }

    /** The rules of a Role or ClusterRole. */
    public static List<PolicyRule> of(Document role) {
        return role.items("rules").stream()
                .map(rule -> new PolicyRule(
                        strings(rule, "verbs"),
                        strings(rule, "apiGroups"),
                        strings(rule, "resources"),
                        strings(rule, "resourceNames"),
                        strings(rule, "nonResourceURLs")))
                .toList();
    }

    private static List<String> strings(JsonNode rule, String field) {
        List<String> strings = new ArrayList<>();
        JsonNode values = rule.get(field);
        if (values != null) {
            values.forEach(value -> {
                if (value.isString()) {
                    strings.add(value.stringValue());
                }
            });
        }
        return strings;
    }

    boolean allows(AccessRequest request) {
        if (!verbs.contains(ALL) && !verbs.contains(request.verb())) {
            return false;
        }
        return request.isResource()
                ? (apiGroups.contains(ALL) || apiGroups.contains(request.group()))
                        && coversResource(request.resource(), request.subresource())
                        && (resourceNames.isEmpty() || resourceNames.contains(request.name()))
                : coversPath(request.path());
    }

    private boolean coversResource(String resource, String subresource) {
        String whole = subresource.isEmpty() ? resource : resource + "/" + subresource;
        for (String granted : resources) {
            if (granted.equals(ALL)
                    || granted.equals(whole)
                    || (!subresource.isEmpty()
                            && granted.length() == subresource.length() + 2
                            && granted.startsWith("*/")
                            && granted.endsWith(subresource))) {
                return true;
            }
        }
        return false;
    }

    private boolean coversPath(String path) {
        for (String granted : nonResourceUrls) {
            if (granted.equals(ALL)
                    || granted.equals(path)
                    || (granted.endsWith(ALL) && path.startsWith(granted.substring(0, granted.length() - 1)))) {
                return true;
            }
        }
        return false;
    }

    /** One rule for each combination of verb, group, resource and name, or of verb and path. */
    List<PolicyRule> singles() {
        List<PolicyRule> singles = new ArrayList<>();
        for (String group : apiGroups) {
            for (String resource : resources) {
                for (String verb : verbs) {
                    if (resourceNames.isEmpty()) {
                        singles.add(
                                new PolicyRule(List.of(verb), List.of(group), List.of(resource), List.of(), List.of()));
                    }
                    for (String name : resourceNames) {
                        singles.add(new PolicyRule(
                                List.of(verb), List.of(group), List.of(resource), List.of(name), List.of()));
                    }
                }
            }
        }
        for (String url : nonResourceUrls) {
            for (String verb : verbs) {
                singles.add(new PolicyRule(List.of(verb), List.of(), List.of(), List.of(), List.of(url)));
            }
        }
        return singles;
    }

    /** Whether this allows all that {@code single}, one of {@link #singles}, allows. */
    boolean covers(PolicyRule single) {
        return coversAll(verbs, single.verbs())
                && coversAll(apiGroups, single.apiGroups())
                && resourcesCover(single)
                && (resourceNames.isEmpty()
                        || (!single.resourceNames().isEmpty() && resourceNames.containsAll(single.resourceNames())))
                && urlsCover(single);
    }

    private static boolean coversAll(List<String> mine, List<String> asked) {
        return mine.contains(ALL) || mine.containsAll(asked);
    }

    private boolean resourcesCover(PolicyRule single) {
        if (coversAll(resources, single.resources())) {
            return true;
        }
        return single.resources().stream().allMatch(asked -> {
            int slash = asked.indexOf('/');
            return resources.contains(asked) || (slash > 0 && resources.contains("*" + asked.substring(slash)));
        });
    }

    private boolean urlsCover(PolicyRule single) {
        return single.nonResourceUrls().stream()
                .allMatch(asked -> nonResourceUrls.contains(ALL)
                        || nonResourceUrls.contains(asked)
                        || nonResourceUrls.stream()
                                .anyMatch(mine -> mine.endsWith(ALL)
                                        && asked.replaceAll("\\*+$", "")
                                                .startsWith(mine.substring(0, mine.length() - 1))));
    }

    /** As upstream prints rules in its messages. */
    String compact() {
        List<String> parts = new ArrayList<>();
        add(parts, "APIGroups", apiGroups);
        add(parts, "Resources", resources);
        add(parts, "NonResourceURLs", nonResourceUrls);
        add(parts, "ResourceNames", resourceNames);
        add(parts, "Verbs", verbs);
        return "{" + String.join(", ", parts) + "}";
    }

    private static void add(List<String> parts, String name, List<String> values) {
        if (!values.isEmpty()) {
            parts.add(name + ":" + GoQuote.listed(values));
        }
    }
}
