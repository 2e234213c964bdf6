package io.quarterdeck.api.authn;

import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.cel.Activation;
import io.quarterdeck.cel.CelCompilationException;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.CelEvaluationException;
import io.quarterdeck.cel.CelProgram;
import io.quarterdeck.cel.CelValues;
import io.quarterdeck.cel.CostBudget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a verified token's claims must say, and which user they make. Compiled once; immutable.
 *
 * <p>Source: API apiserver.config.k8s.io/v1, JWTAuthenticator: claimValidationRules, claimMappings, userValidationRules.
 */
final class ClaimRules {

    private static final String CREDENTIAL = "authentication.kubernetes.io/credential-id";
    private static final String NO_STRINGS = "expression must return a string or a list of strings";

    private sealed interface Source {
        record Claim(String name, String prefix) implements Source {}

        record Expression(CelProgram program) implements Source {}
    }

    private record Rule(CelProgram program, String message) {}

    private final Map<String, String> required = new LinkedHashMap<>();
    private final List<Rule> claimRules = new ArrayList<>();
    private final List<Rule> userRules = new ArrayList<>();
    private final Source username;
    private final @Nullable Source groups;
    private final @Nullable Source uid;
    private final Map<String, CelProgram> extra = new LinkedHashMap<>();

    /** @param authenticator in which {@link AuthenticationRules} found nothing wrong */
    ClaimRules(JsonNode authenticator) {
        for (JsonNode rule : authenticator.path("claimValidationRules")) {
            if (rule.path("expression").asString("").isEmpty()) {
                required.put(
                        rule.path("claim").asString(""),
                        rule.path("requiredValue").asString(""));
            } else {
                claimRules.add(rule(AuthenticationRules.OF_CLAIMS, rule));
            }
        }
        JsonNode mappings = authenticator.path("claimMappings");
        Source name = source(mappings.path("username"));
        if (name == null) {
            throw new IllegalArgumentException("no way to a user's name");
        }
        this.username = name;
        this.groups = source(mappings.path("groups"));
        this.uid = source(mappings.path("uid"));
        for (JsonNode each : mappings.path("extra")) {
            extra.put(
                    each.path("key").asString(""),
                    compiled(
                            AuthenticationRules.OF_CLAIMS,
                            each.path("valueExpression").asString("")));
        }
        for (JsonNode rule : authenticator.path("userValidationRules")) {
            userRules.add(rule(AuthenticationRules.OF_USER, rule));
        }
    }

    private static Rule rule(CelEnvironment environment, JsonNode rule) {
        return new Rule(
                compiled(environment, rule.path("expression").asString("")),
                rule.path("message").asString(""));
    }

    private static @Nullable Source source(JsonNode mapping) {
        String claim = mapping.path("claim").asString("");
        String expression = mapping.path("expression").asString("");
        if (!expression.isEmpty()) {
            return new Source.Expression(compiled(AuthenticationRules.OF_CLAIMS, expression));
        }
        return claim.isEmpty()
                ? null
                : new Source.Claim(claim, mapping.path("prefix").asString(""));
    }

    private static CelProgram compiled(CelEnvironment environment, String expression) {
        try {
            return environment.compile(expression);
        } catch (CelCompilationException unclear) {
            throw new IllegalArgumentException(String.valueOf(unclear.getMessage()), unclear);
        }
    }

    /** @throws RefusedTokenException when a rule refuses the token, or it makes no user */
    User user(ObjectNode claims) throws RefusedTokenException {
        CostBudget budget = new CostBudget(CostBudget.PER_REQUEST);
        Activation values = Activation.of(Map.of("claims", CelValues.of(claims)));
        User user = new User(
                name(claims, values, budget),
                // What is refused first is upstream's first, too: name, groups, uid, extra.
                "",
                groups(claims, values, budget),
                Map.of());
        user = new User(user.name(), uid(claims, values, budget), user.groups(), extra(claims, values, budget));
        requireClaims(claims);
        require(claimRules, values, budget, "claim validation expression");
        if (!userRules.isEmpty()) {
            Activation made = Activation.of(Map.of("user", CelValues.of(tree(user))));
            require(userRules, made, budget, "user info validation rule");
        }
        return user;
    }

    private String name(ObjectNode claims, Activation values, CostBudget budget) throws RefusedTokenException {
        if (username instanceof Source.Expression expression) {
            String name = text(expression.program(), values, budget, "username");
            if (name.isEmpty()) {
                throw refused("empty username via CEL expression is not allowed");
            }
            return name;
        }
        Source.Claim claim = (Source.Claim) username;
        String name = string(claims, claim.name(), "parse username claims \"%s\": ".formatted(claim.name()));
        if (claim.name().equals("email") && claims.has("email_verified")) {
            // A mail address that nobody checked is anybody's.
            JsonNode verified = claims.path("email_verified");
            if (!verified.isBoolean() && !verified.isNull()) {
                throw refused("parse 'email_verified' claim: " + GoJson.misfit(verified, "bool"));
            }
            if (!verified.asBoolean(false)) {
                throw refused("email not verified");
            }
        }
        return claim.prefix() + name;
    }

    private List<String> groups(ObjectNode claims, Activation values, CostBudget budget) throws RefusedTokenException {
        return switch (groups) {
            case Source.Claim(String name, String prefix) -> {
                JsonNode value = claims.path(name);
                if (value.isMissingNode() || value.isNull()) {
                    yield List.of();
                }
                List<String> found = new ArrayList<>();
                for (JsonNode each : value.isArray() ? value : List.of(value)) {
                    if (!each.isString() && !each.isNull()) {
                        throw refused("parse groups claim \"%s\": %s".formatted(name, GoJson.misfit(value, "string")));
                    }
                    found.add(prefix + each.asString(""));
                }
                yield found;
            }
            case Source.Expression(CelProgram program) ->
                strings(evaluated(program, values, budget, "group"), "group claim expression: ");
            case null -> List.of();
        };
    }

    private String uid(ObjectNode claims, Activation values, CostBudget budget) throws RefusedTokenException {
        return switch (uid) {
            case Source.Claim(String name, String none) ->
                string(claims, name, "parse uid claim \"%s\": ".formatted(name));
            case Source.Expression(CelProgram program) -> text(program, values, budget, "uid");
            case null -> "";
        };
    }

    private Map<String, List<String>> extra(ObjectNode claims, Activation values, CostBudget budget)
            throws RefusedTokenException {
        Map<String, List<String>> extras = new LinkedHashMap<>();
        if (claims.path("jti").isString() && !claims.path("jti").stringValue().isEmpty()) {
            extras.put(CREDENTIAL, List.of("JTI=" + claims.path("jti").stringValue()));
        }
        for (Map.Entry<String, CelProgram> each : extra.entrySet()) {
            CelProgram program = each.getValue();
            Object value;
            try {
                value = program.evaluate(values, budget);
            } catch (CelEvaluationException e) {
                throw new RefusedTokenException(failure(program, e));
            }
            List<String> found =
                    strings(CelValues.toJson(value), "extra claim expression: %s: ".formatted(program.expression()));
            if (!found.isEmpty()) {
                extras.put(each.getKey(), found);
            }
        }
        return extras;
    }

    private void requireClaims(ObjectNode claims) throws RefusedTokenException {
        for (Map.Entry<String, String> each : required.entrySet()) {
            String claim = each.getKey();
            if (!claims.has(claim)) {
                throw refused("required claim %s not present in ID token".formatted(claim));
            }
            String value = string(claims, claim, "parse claim %s: ".formatted(claim));
            if (!value.equals(each.getValue())) {
                throw refused("required claim %s value does not match. Got = %s, want = %s"
                        .formatted(claim, value, each.getValue()));
            }
        }
    }

    /** All are evaluated before one is judged. */
    private static void require(List<Rule> rules, Activation values, CostBudget budget, String what)
            throws RefusedTokenException {
        String prefix = "error evaluating " + what + ": ";
        List<Object> results = new ArrayList<>();
        for (Rule rule : rules) {
            try {
                results.add(rule.program().evaluate(values, budget));
            } catch (CelEvaluationException e) {
                throw refused(prefix + failure(rule.program(), e));
            }
        }
        for (int i = 0; i < rules.size(); i++) {
            if (!Boolean.TRUE.equals(results.get(i))) {
                throw refused(prefix
                        + "validation expression '%s' failed: %s"
                                .formatted(
                                        rules.get(i).program().expression(),
                                        rules.get(i).message()));
            }
        }
    }

    private static String text(CelProgram program, Activation values, CostBudget budget, String what)
            throws RefusedTokenException {
        JsonNode value = evaluated(program, values, budget, what);
        if (!value.isString()) {
            throw refused("error evaluating %s claim expression: %s claim expression must return a string"
                    .formatted(what, what));
        }
        return value.stringValue();
    }

    private static JsonNode evaluated(CelProgram program, Activation values, CostBudget budget, String what)
            throws RefusedTokenException {
        try {
            return CelValues.toJson(program.evaluate(values, budget));
        } catch (CelEvaluationException e) {
            throw refused("error evaluating %s claim expression: %s".formatted(what, failure(program, e)));
        }
    }

    private static String failure(CelProgram program, CelEvaluationException failed) {
        return "expression '%s' resulted in error: %s".formatted(program.expression(), failed.getMessage());
    }

    private static List<String> strings(JsonNode value, String what) throws RefusedTokenException {
        List<String> strings = new ArrayList<>();
        for (JsonNode each : value.isArray() ? value : value.isNull() ? List.<JsonNode>of() : List.of(value)) {
            if (!each.isString()) {
                throw refused("error evaluating " + what + NO_STRINGS);
            }
            if (!each.stringValue().isEmpty()) {
                strings.add(each.stringValue());
            }
        }
        return strings;
    }

    /** A claim that is to be a string; null counts as the empty one. */
    private static String string(ObjectNode claims, String name, String prefix) throws RefusedTokenException {
        JsonNode value = claims.path(name);
        if (value.isMissingNode()) {
            throw refused(prefix + "claim not present");
        }
        if (!value.isString() && !value.isNull()) {
            throw refused(prefix + GoJson.misfit(value, "string"));
        }
        return value.asString("");
    }

    /** What Go says of a claim that a token's struct has no place for. */
    static String misfit(JsonNode value, String claim, String wanted) {
        return GoJson.misfit(value, "idToken." + claim, wanted);
    }

    private static RefusedTokenException refused(String why) {
        return new RefusedTokenException("oidc: " + why);
    }

    private static ObjectNode tree(User user) {
        ObjectNode node = JsonMapper.shared().createObjectNode();
        node.put("username", user.name()).put("uid", user.uid());
        user.groups().forEach(node.putArray("groups")::add);
        ObjectNode extras = node.putObject("extra");
        user.extra().forEach((key, all) -> all.forEach(extras.putArray(key)::add));
        return node;
    }
}
