package io.quarterdeck.api.kinds.apiextensions;

import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.kinds.KindPart;
import io.quarterdeck.model.FieldError;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Compiles the expressions of a schema, and adds up what they may cost. */
@Component
class RuleCompiler implements KindPart {

    /** A schema whose expressions see values of its type, in its place among others. */
    static final class Scope {

        Scope property(String name, ObjectNode schema) {
            return this;
        }

        Scope values(ObjectNode schema) {
            return this;
        }

        Scope items(ObjectNode schema) {
            return this;
        }

        List<FieldError> compile(String path, Set<String> known, boolean cheap, String uncorrelated) {
            return List.of();
        }

        List<FieldError> total(String path) {
            return List.of();
        }
    }

    @Nullable Scope root(ObjectNode schema) {
        return new Scope();
    }

    List<FieldError> checkDefault(String path, JsonNode value, JsonSchema schema, boolean root) {
        return List.of();
    }
}
