package io.quarterdeck.api.kinds.networking;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Ingress classes: which controller serves an ingress. */
@Component
final class IngressClassStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(
            Rules.at("spec.controller", IngressClassStrategy::controller),
            Rules.at("spec.parameters", field -> parameters(field)));

    @Override
    public GroupResource resource() {
        return new GroupResource("networking.k8s.io", "ingressclasses");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void parameters(Field parameters) {
        if (!parameters.present()) {
            return;
        }
        Field group = parameters.at("apiGroup");
        if (!group.empty()) {
            group.format(Formats::subdomain);
        }
        parameters.at("kind").requireFormat(Formats::pathSegment);
        parameters.at("name").requireFormat(Formats::pathSegment);
        Field scope = parameters.at("scope");
        if (!scope.require()) {
            return;
        }
        scope.oneOf("Cluster", "Namespace");
        Field namespace = parameters.at("namespace");
        if (scope.is("Namespace")) {
            if (!namespace.present()) {
                namespace.required("`parameters.scope` is set to 'Namespace'");
            } else {
                namespace.format(Formats::label);
            }
        } else if (scope.is("Cluster") && namespace.present()) {
            namespace.forbidden("`parameters.scope` is set to 'Cluster'");
        }
    }

    private static void controller(Field controller) {
        if (controller.text().length() > 250) {
            controller.tooLong(250);
        }
        controller.requireDomainPrefixedPath();
        controller.immutable();
    }

    private static String parameters(JsonNode parameters) {
        if (!parameters.isObject()) {
            return Cells.NONE;
        }
        String group = parameters.path("apiGroup").asString("");
        return parameters.path("kind").asString("") + (group.isEmpty() ? "" : "." + group) + "/"
                + parameters.path("name").asString("");
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("ingressclasses.networking.k8s.io")
                .text("Controller", "spec.controller")
                .text("Parameters", object -> parameters(object.at("spec.parameters")))
                .columns();
    }
}
