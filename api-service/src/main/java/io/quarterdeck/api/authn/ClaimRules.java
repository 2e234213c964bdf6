package io.quarterdeck.api.authn;

import io.quarterdeck.api.cel.Activation;
import io.quarterdeck.api.cel.CelCompilationException;
import io.quarterdeck.api.cel.CelEnvironment;
import io.quarterdeck.api.cel.CelEvaluationException;
import io.quarterdeck.api.cel.CelProgram;
import io.quarterdeck.api.cel.CelValues;
import io.quarterdeck.api.cel.CostBudget;
import io.quarterdeck.api.cel.DeclType;
import io.quarterdeck.api.settings.ConfigurationFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private static final CelEnvironment OF_CLAIMS = CelEnvironment.of(Map.of("claims", DeclType.DYN));
    private static final CelEnvironment OF_USER = CelEnvironment.of(Map.of("user", DeclType.DYN));

    private sealed interface Source {
        record Claim(String name, String prefix) implements Source {}

        record Expression(CelProgram program) implements Source {}
    }

    private record Required(String claim, String value) {}

    private record Rule(CelProgram program) {}

    private final List<Required> required = new ArrayList<>();
    private final List<Rule> claimRules = new ArrayList<>();
    private final List<Rule> userRules = new ArrayList<>();
    private final Source username;
    private final @Nullable Source groups;
    private final @Nullable Source uid;
    private final Map<String, CelProgram> extra = new LinkedHashMap<>();

    /** @throws IllegalArgumentException for what cannot be meant, naming {@code path} */
    ClaimRules(JsonNode authenticator, String path) {
        int number = 0;
        for (JsonNode rule : authenticator.path("claimValidationRules")) {
            String at = path + ".claimValidationRules[" + number++ + "]";
            ConfigurationFile.requireFields(rule, at, "claim", "requiredValue", "expression", "message");
            String expression = rule.path("expression").asString("");
            if (expression.isEmpty()) {
                required.add(new Required(
                        rule.path("claim").asString(""),
                        rule.path("requiredValue").asString("")));
            } else {
                claimRules.add(new Rule(compile(OF_CLAIMS, expression, at, List.of("bool"))));
            }
        }
        JsonNode mappings = authenticator.path("claimMappings");
        ConfigurationFile.requireFields(mappings, path + ".claimMappings", "username", "groups", "uid", "extra");
        Source name = source(mappings.path("username"), path + ".claimMappings.username");
        if (name == null) {
            throw new IllegalArgumentException(
                    path + ".claimMappings.username: Required value: claim or expression is required");
        }
        this.username = name;
        this.groups = source(mappings.path("groups"), path + ".claimMappings.groups");
        this.uid = source(mappings.path("uid"), path + ".claimMappings.uid");
        for (JsonNode each : mappings.path("extra")) {
            String key = each.path("key").asString("");
            if (!key.contains("/") || !key.equals(key.toLowerCase(java.util.Locale.ROOT))) {
                throw new IllegalArgumentException(path + ".claimMappings.extra: Invalid value: \"" + key
                        + "\": keys are lower-case paths below a domain");
            }
            extra.put(
                    key,
                    compile(
                            OF_CLAIMS,
                            each.path("valueExpression").asString(""),
                            path + ".claimMappings.extra[" + key + "]",
                            List.of()));
        }
        number = 0;
        for (JsonNode rule : authenticator.path("userValidationRules")) {
            userRules.add(new Rule(compile(
                    OF_USER,
                    rule.path("expression").asString(""),
                    path + ".userValidationRules[" + number++ + "]",
                    List.of("bool"))));
        }
    }

    private static @Nullable Source source(JsonNode mapping, String path) {
        if (mapping.isMissingNode()) {
            return null;
        }
        ConfigurationFile.requireFields(mapping, path, "claim", "prefix", "expression");
        String claim = mapping.path("claim").asString("");
        String expression = mapping.path("expression").asString("");
        if (claim.isEmpty() == expression.isEmpty()) {
            throw new IllegalArgumentException(path + ": Invalid value: either claim or expression must be set");
        }
        return expression.isEmpty()
                ? new Source.Claim(claim, mapping.path("prefix").asString(""))
                : new Source.Expression(compile(OF_CLAIMS, expression, path, List.of()));
    }

    private static CelProgram compile(CelEnvironment environment, String expression, String path, List<String> types) {
        try {
            return types.isEmpty() ? environment.compile(expression) : environment.compile(expression, types);
        } catch (CelCompilationException unclear) {
            throw new IllegalArgumentException(path + ".expression: Invalid value: " + unclear.getMessage(), unclear);
        }
    }

    /** Empty when a rule refuses the token, or it makes no user. */
    Optional<User> user(ObjectNode claims) {
        try {
            CostBudget budget = new CostBudget(CostBudget.PER_REQUEST);
            Activation values = Activation.of(Map.of("claims", CelValues.of(claims)));
            for (Required each : required) {
                if (!claims.path(each.claim()).asString("").equals(each.value())) {
                    return Optional.empty();
                }
            }
            for (Rule rule : claimRules) {
                if (!Boolean.TRUE.equals(rule.program().evaluate(values, budget))) {
                    return Optional.empty();
                }
            }
            List<String> names = strings(username, claims, values, budget);
            if (names.size() != 1 || names.getFirst().isEmpty() || unverifiedMail(claims)) {
                return Optional.empty();
            }
            Map<String, List<String>> extras = new LinkedHashMap<>();
            extra.forEach((key, program) -> {
                List<String> found = strings(CelValues.toJson(program.evaluate(values, budget)), "");
                if (!found.isEmpty()) {
                    extras.put(key, found);
                }
            });
            List<String> uids = uid == null ? List.of() : strings(uid, claims, values, budget);
            User user = new User(
                    names.getFirst(),
                    uids.isEmpty() ? "" : uids.getFirst(),
                    groups == null ? List.of() : strings(groups, claims, values, budget),
                    extras);
            Activation made = Activation.of(Map.of("user", CelValues.of(tree(user))));
            for (Rule rule : userRules) {
                if (!Boolean.TRUE.equals(rule.program().evaluate(made, budget))) {
                    return Optional.empty();
                }
            }
            return Optional.of(user);
        } catch (CelEvaluationException refused) {
            return Optional.empty();
        }
    }

    /** A mail address that nobody checked is anybody's. */
    private boolean unverifiedMail(ObjectNode claims) {
        return username instanceof Source.Claim claim
                && claim.name().equals("email")
                && claims.has("email_verified")
                && !claims.path("email_verified").asBoolean(false);
    }

    private static List<String> strings(Source source, ObjectNode claims, Activation values, CostBudget budget) {
        return switch (source) {
            case Source.Claim claim -> strings(claims.path(claim.name()), claim.prefix());
            case Source.Expression expression ->
                strings(CelValues.toJson(expression.program().evaluate(values, budget)), "");
        };
    }

    private static List<String> strings(JsonNode value, String prefix) {
        List<String> strings = new ArrayList<>();
        if (value.isString()) {
            strings.add(prefix + value.stringValue());
        } else if (value.isArray()) {
            value.forEach(each -> {
                if (each.isString()) {
                    strings.add(prefix + each.stringValue());
                }
            });
        }
        return strings;
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
