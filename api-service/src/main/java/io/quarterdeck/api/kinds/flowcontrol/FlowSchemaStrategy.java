package io.quarterdeck.api.kinds.flowcontrol;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Flow schemas: which requests belong together. */
@Component
final class FlowSchemaStrategy implements KindStrategy {

    private static final SettableFields OF_STATUS = SettableFields.allBut("spec", "metadata");

    private static final Rules RULES =
            Rules.of(Rules.at("spec", FlowSchemaStrategy::spec), FlowSchemaStrategy::precedence, Mandatory::flowSchema);

    @Override
    public GroupResource resource() {
        return new GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas");
    }

    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return subresource.equals("status") ? OF_STATUS : KindStrategy.super.settable(subresource, statusApart);
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void spec(Field spec) {
        Field precedence = spec.at("matchingPrecedence");
        if (precedence.present() && precedence.number() <= 0) {
            precedence.invalid("must be a positive value");
        }
        if (precedence.number() > 10000) {
            precedence.invalid("must not be greater than 10000");
        }
        Field level = spec.at("priorityLevelConfiguration.name");
        if (level.empty()) {
            level.required("must reference a priority level");
        } else {
            level.format(Formats::subdomain);
        }
        Field method = spec.at("distinguisherMethod");
        if (method.present()
                && !method.at("type").is("ByUser")
                && !method.at("type").is("ByNamespace")) {
            method.at("type")
                    .unsupportedValue(
                            new Values.Raw("{\"Type\":%s}"
                                    .formatted(GoQuote.quote(method.at("type").text()))),
                            List.of("ByNamespace", "ByUser"));
        }
        spec.at("rules").items().forEach(FlowSchemaStrategy::rule);
    }

    private static void precedence(Field schema) {
        Field precedence = schema.at("spec.matchingPrecedence");
        if (precedence.number() == 1 && !schema.at("metadata.name").is("exempt")) {
            precedence.invalid("only the schema named 'exempt' may have matchingPrecedence 1");
        }
    }

    private static void rule(Field rule) {
        if (rule.at("subjects").empty()) {
            rule.at("subjects").required("subjects must contain at least one value");
        }
        for (Field subject : rule.at("subjects").items()) {
            switch (subject.at("kind").text()) {
                case "ServiceAccount" -> {
                    Field account = subject.at("serviceAccount");
                    if (!account.present()) {
                        account.required("serviceAccount is required when subject kind is 'ServiceAccount'");
                    } else {
                        account.at("name").require();
                        if (!account.at("name").empty() && !account.at("name").is("*")) {
                            account.at("name").format(Formats::subdomain);
                        }
                        account.at("namespace").requireFormat(Formats::label);
                    }
                }
                case "User", "Group" -> {
                    String kind = subject.at("kind").text();
                    Field named = subject.at(kind.equals("User") ? "user" : "group");
                    if (!named.present()) {
                        named.required("%s is required when subject kind is '%s'"
                                .formatted(kind.equals("User") ? "user" : "group", kind));
                    } else {
                        named.at("name").require();
                    }
                }
                default -> subject.at("kind").unsupported("Group", "ServiceAccount", "User");
            }
        }
        if (rule.at("resourceRules").empty() && rule.at("nonResourceRules").empty()) {
            rule.required("at least one of resourceRules and nonResourceRules has to be non-empty");
        }
        for (Field resources : rule.at("resourceRules").items()) {
            for (String list : List.of("verbs", "apiGroups", "resources")) {
                resources.at(list).require();
            }
            if (resources.at("namespaces").empty()
                    && !resources.at("clusterScope").flag()) {
                resources
                        .at("namespaces")
                        .required("resource rules that are not cluster scoped must supply at least one namespace");
            }
        }
        for (Field urls : rule.at("nonResourceRules").items()) {
            urls.at("verbs").require();
            urls.at("nonResourceURLs").require();
            for (Field url : urls.at("nonResourceURLs").items()) {
                if (url.text().equals("*")) {
                    continue;
                }
                if (!url.text().startsWith("/")) {
                    url.invalid("must start with slash");
                } else if (url.text().contains(" ")) {
                    url.invalid("must not contain white-space");
                } else if (url.text().contains("//")) {
                    url.invalid("must not contain double slash");
                }
            }
        }
    }

    private static String missing(Document schema) {
        for (JsonNode condition : schema.items("status.conditions")) {
            if (condition.path("type").asString("").equals("Dangling")) {
                return condition.path("status").asString("");
            }
        }
        return "?";
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        KindStrategy.keepMetadata(next, old);
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("flowschemas.flowcontrol.apiserver.k8s.io")
                .text("PriorityLevel", "spec.priorityLevelConfiguration.name")
                .number("MatchingPrecedence", "spec.matchingPrecedence")
                .text("DistinguisherMethod", object -> Cells.orNone(object.text("spec.distinguisherMethod.type")))
                .text("MissingPL", FlowSchemaStrategy::missing)
                .columns();
    }
}
