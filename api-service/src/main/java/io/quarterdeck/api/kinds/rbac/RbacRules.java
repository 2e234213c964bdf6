package io.quarterdeck.api.kinds.rbac;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What roles and bindings share. Source: Kubernetes documentation "Using RBAC Authorization". */
final class RbacRules {

    static final String GROUP = "rbac.authorization.k8s.io";

    private RbacRules() {}

    static void rule(Field rule, boolean namespaced) {
        if (rule.at("verbs").empty()) {
            rule.at("verbs").required("verbs must contain at least one value");
        }
        Field urls = rule.at("nonResourceURLs");
        if (!urls.empty()) {
            if (namespaced) {
                urls.invalid("namespaced rules cannot apply to non-resource URLs");
            }
            if (!rule.at("apiGroups").empty()
                    || !rule.at("resources").empty()
                    || !rule.at("resourceNames").empty()) {
                urls.invalid("rules cannot apply to both regular resources and non-resource URLs");
            }
            return;
        }
        if (rule.at("apiGroups").empty()) {
            rule.at("apiGroups").required("resource rules must supply at least one api group");
        }
        if (rule.at("resources").empty()) {
            rule.at("resources").required("resource rules must supply at least one resource");
        }
    }

    static void binding(Field binding, String... roleKinds) {
        Field role = binding.at("roleRef");
        if (!role.at("apiGroup").is(GROUP)) {
            role.at("apiGroup").unsupported(GROUP);
        }
        role.at("kind").oneOf(roleKinds);
        Field name = role.at("name");
        if (name.require()) {
            name.format(Formats::pathSegment);
        }
        binding.at("subjects").items().forEach(subject -> subject(subject, roleKinds.length > 1));
        if (role.changed()) {
            role.invalidValue(
                    new Values.Raw("{\"APIGroup\":%s,\"Kind\":%s,\"Name\":%s}"
                            .formatted(
                                    GoQuote.quote(role.at("apiGroup").text()),
                                    GoQuote.quote(role.at("kind").text()),
                                    GoQuote.quote(name.text()))),
                    "cannot change roleRef");
        }
    }

    private static void subject(Field subject, boolean namespaced) {
        Field name = subject.at("name");
        name.require();
        Field group = subject.at("apiGroup");
        switch (subject.at("kind").text()) {
            case "ServiceAccount" -> {
                if (!name.empty()) {
                    name.format(Formats::subdomain);
                }
                if (!group.empty()) {
                    group.unsupported("");
                }
                if (!namespaced && subject.at("namespace").empty()) {
                    subject.at("namespace").required();
                }
            }
            case "User", "Group" -> {
                if (!group.is(GROUP)) {
                    group.unsupported(GROUP);
                }
            }
            default -> subject.at("kind").unsupported("ServiceAccount", "User", "Group");
        }
    }

    static TableColumns columns(String resource) {
        return TableColumns.of(resource)
                .text("Role", binding -> binding.text("roleRef.kind") + "/" + binding.text("roleRef.name"))
                .text("Users", binding -> subjects(binding, "User"))
                .text("Groups", binding -> subjects(binding, "Group"))
                .text("ServiceAccounts", binding -> subjects(binding, "ServiceAccount"));
    }

    private static String subjects(Document binding, String kind) {
        List<String> names = new ArrayList<>();
        for (JsonNode subject : binding.items("subjects")) {
            if (subject.path("kind").asString("").equals(kind)) {
                String name = subject.path("name").asString("");
                names.add(
                        kind.equals("ServiceAccount")
                                ? subject.path("namespace").asString("") + "/" + name
                                : name);
            }
        }
        return String.join(", ", names);
    }
}
