package io.quarterdeck.api.customresources.schema;

import io.quarterdeck.cel.CelCompilationException;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.CelProgram;
import io.quarterdeck.cel.DeclType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One of a schema's x-kubernetes-validations, compiled. Immutable.
 *
 * <p>Source: apiextensions, schema/cel/compilation.
 *
 * @param program null when the rule is blank or cannot be compiled
 * @param error why it cannot be compiled, else empty
 * @param message what tells why the rule failed; null when nothing does
 * @param messageError why the message expression cannot be compiled, else empty
 * @param path of the field that the rule is about, below where the rule stands; else empty
 */
public record CompiledRule(
        JsonNode rule,
        @Nullable CelProgram program,
        String error,
        @Nullable CelProgram message,
        String messageError,
        String path) {

    public static final String SELF = "self";
    public static final String OLD_SELF = "oldSelf";

    /** @param type what the rules see as {@code self} */
    public static List<CompiledRule> of(JsonNode schema, DeclType type) {
        List<CompiledRule> compiled = new ArrayList<>();
        CelEnvironment strict = null;
        CelEnvironment optional = null;
        for (JsonNode rule : schema.path("x-kubernetes-validations")) {
            CelEnvironment environment;
            if (flag(rule)) {
                optional = optional == null ? environment(type, new DeclType.OptionalOf(type)) : optional;
                environment = optional;
            } else {
                strict = strict == null ? environment(type, type) : strict;
                environment = strict;
            }
            compiled.add(of(rule, schema, environment));
        }
        return compiled;
    }

    private static boolean flag(JsonNode rule) {
        return rule.path("optionalOldSelf").asBoolean(false);
    }

    private static CelEnvironment environment(DeclType self, DeclType old) {
        return CelEnvironment.of(Map.of(SELF, self, OLD_SELF, old));
    }

    private static CompiledRule of(JsonNode rule, JsonNode schema, CelEnvironment environment) {
        String expression = rule.path("rule").asString("");
        if (expression.isBlank()) {
            return new CompiledRule(rule, null, "", null, "", "");
        }
        CelProgram program;
        try {
            program = environment.compile(expression);
        } catch (CelCompilationException e) {
            return new CompiledRule(rule, null, String.valueOf(e.getMessage()), null, "", "");
        }
        if (!program.typeName().equals("bool")) {
            return new CompiledRule(rule, null, "cel expression must evaluate to a bool", null, "", "");
        }
        CelProgram message = null;
        String messageError = "";
        String messageExpression = rule.path("messageExpression").asString("");
        if (!messageExpression.isEmpty()) {
            try {
                message = environment.compile(messageExpression);
                if (!message.typeName().equals("string")) {
                    message = null;
                    messageError = "messageExpression must evaluate to a string";
                }
            } catch (CelCompilationException e) {
                messageError = "messageExpression " + e.getMessage();
            }
        }
        SchemaPath path = SchemaPath.find(rule.path("fieldPath").asString(""), schema, true);
        return new CompiledRule(
                rule, program, "", message, messageError, path.error().isEmpty() ? path.path() : "");
    }

    /** Whether it compares with what was there before. */
    public boolean usesOldSelf() {
        return program != null && program.variables().contains(OLD_SELF);
    }

    boolean optionalOldSelf() {
        return flag(rule);
    }

    /** How errors call the rule. */
    String shown() {
        String message = text("message");
        return message.isEmpty() ? text("rule").strip() : message.strip();
    }

    String text(String field) {
        return rule.path(field).asString("");
    }
}
