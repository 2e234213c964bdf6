package io.quarterdeck.api.authn;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.cel.CelCompilationException;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.CelProgram;
import io.quarterdeck.cel.DeclType;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.pki.Pem;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an AuthenticationConfiguration has to say, with findings in upstream's words. Pure.
 *
 * <p>Source: API apiserver.config.k8s.io/v1, AuthenticationConfiguration.
 */
final class AuthenticationRules {

    static final CelEnvironment OF_CLAIMS = CelEnvironment.of(Map.of("claims", DeclType.mapOf(DeclType.ANY)));
    static final CelEnvironment OF_USER = CelEnvironment.of(Map.of(
            "user",
            new DeclType.ObjectOf(
                    "kubernetes.UserInfo",
                    Map.of(
                            "username", DeclType.field("username", DeclType.STRING),
                            "uid", DeclType.field("uid", DeclType.STRING),
                            "groups", DeclType.field("groups", DeclType.listOf(DeclType.STRING)),
                            "extra", DeclType.field("extra", DeclType.mapOf(DeclType.listOf(DeclType.STRING)))))));

    private static final String BOTH = "claim and expression can't both be set";
    private static final String NEITHER = "claim or expression is required";

    private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2}).{0,2}");
    private static final Pattern SPACE_IN_HOST = Pattern.compile("^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]* ");

    private final Set<String> disallowedIssuers;
    private boolean usesMail;
    private boolean usesVerifiedMail;

    private AuthenticationRules(Set<String> disallowedIssuers) {
        this.disallowedIssuers = disallowedIssuers;
    }

    /** @param disallowedIssuers whose tokens somebody else judges: the service accounts' own */
    static List<FieldError> check(ObjectNode configuration, Set<String> disallowedIssuers) {
        List<FieldError> findings = new ArrayList<>();
        Field root = Field.root(new Document(configuration), null, findings);
        Set<String> issuers = new HashSet<>();
        Set<String> discoveries = new HashSet<>();
        for (Field authenticator : root.at("jwt").items()) {
            new AuthenticationRules(disallowedIssuers).authenticator(authenticator);
            Field url = authenticator.at("issuer.url");
            if (!issuers.add(url.text())) {
                url.duplicateValue(url.text());
            }
            Field discovery = authenticator.at("issuer.discoveryURL");
            if (!discovery.empty() && !discoveries.add(discovery.text())) {
                discovery.duplicate();
            }
        }
        Field anonymous = root.at("anonymous");
        Field conditions = anonymous.at("conditions");
        if (!anonymous.at("enabled").flag() && !conditions.empty()) {
            ArrayNode shown = JsonNodeFactory.instance.arrayNode();
            conditions
                    .items()
                    .forEach(each ->
                            shown.addObject().put("Path", each.at("path").text()));
            conditions.invalidValue(shown, "enabled should be set to true when conditions are defined");
        }
        return findings;
    }

    private void authenticator(Field authenticator) {
        issuer(authenticator.at("issuer"));
        claimRules(authenticator.at("claimValidationRules"));
        mappings(authenticator.at("claimMappings"));
        userRules(authenticator.at("userValidationRules"));
    }

    private void issuer(Field issuer) {
        Field url = issuer.at("url");
        Field discovery = issuer.at("discoveryURL");
        if (url.require()) {
            url(url, disallowedIssuers);
        }
        if (!discovery.empty()) {
            if (!url.empty() && withoutSlashes(url.text()).equals(withoutSlashes(discovery.text()))) {
                discovery.invalid("discoveryURL must be different from URL");
            }
            url(discovery, Set.of());
        }
        audiences(issuer.at("audiences"), issuer.at("audienceMatchPolicy"));
        Field authority = issuer.at("certificateAuthority");
        if (!authority.empty()) {
            certificates(authority);
        }
        Field egress = issuer.at("egressSelectorType");
        if (!egress.empty() && !egress.is("controlplane") && !egress.is("cluster")) {
            egress.invalid("egress selector must be either controlplane or cluster");
        }
    }

    private static void certificates(Field authority) {
        try {
            Pem.readableCertificates(authority.text());
        } catch (IllegalArgumentException none) {
            authority.invalidValue("<omitted>", "data does not contain any valid RSA or ECDSA certificates");
        }
    }

    private static String withoutSlashes(String url) {
        return url.replaceAll("/+$", "");
    }

    private static void url(Field url, Set<String> disallowed) {
        if (disallowed.contains(url.text())) {
            url.invalid("URL must not overlap with disallowed issuers: [" + String.join(" ", new TreeSet<>(disallowed))
                    + "]");
        }
        URI uri;
        try {
            uri = new URI(url.text());
        } catch (URISyntaxException unreadable) {
            url.invalid("parse %s: %s".formatted(GoQuote.quote(url.text()), why(url.text(), unreadable)));
            return;
        }
        if (!"https".equalsIgnoreCase(uri.getScheme())) {
            url.invalid("URL scheme must be https");
        }
        if (uri.getRawUserInfo() != null) {
            url.invalid("URL must not contain a username or password");
        }
        if (uri.getRawQuery() != null && !uri.getRawQuery().isEmpty()) {
            url.invalid("URL must not contain a query");
        }
        if (uri.getRawFragment() != null && !uri.getRawFragment().isEmpty()) {
            url.invalid("URL must not contain a fragment");
        }
    }

    /** In Go's words where they are known. */
    private static String why(String url, URISyntaxException unreadable) {
        Matcher escape = BAD_ESCAPE.matcher(url);
        if (url.startsWith(":")) {
            return "missing protocol scheme";
        }
        if (escape.find()) {
            return "invalid URL escape " + GoQuote.quote(escape.group());
        }
        return SPACE_IN_HOST.matcher(url).find() ? "invalid character \" \" in host name" : unreadable.getReason();
    }

    private static void audiences(Field audiences, Field policy) {
        List<Field> items = audiences.items();
        if (items.isEmpty()) {
            audiences.required("at least one %s is required".formatted(audiences.path()));
            return;
        }
        Set<String> seen = new HashSet<>();
        for (Field audience : items) {
            audience.require();
            if (!seen.add(audience.text())) {
                audience.duplicate();
            }
        }
        if (items.size() > 1 && !policy.is("MatchAny")) {
            policy.invalidValue(policy.text(), "audienceMatchPolicy must be MatchAny for multiple audiences");
        }
        if (items.size() == 1 && !policy.empty() && !policy.is("MatchAny")) {
            policy.invalid("audienceMatchPolicy must be empty or MatchAny for single audience");
        }
    }

    private void claimRules(Field rules) {
        Set<String> claims = new HashSet<>();
        Set<String> expressions = new HashSet<>();
        for (Field rule : rules.items()) {
            Field claim = rule.at("claim");
            Field expression = rule.at("expression");
            if (!claim.empty() && !expression.empty()) {
                rule.invalidValue(claim.text(), BOTH);
            } else if (claim.empty() && expression.empty()) {
                rule.required(NEITHER);
            } else if (expression.empty()) {
                if (!rule.at("message").empty()) {
                    rule.at("message").invalid("may not be specified when claim is set");
                }
                if (!claims.add(claim.text())) {
                    claim.duplicate();
                }
            } else {
                if (!rule.at("requiredValue").empty()) {
                    rule.at("requiredValue").invalid("may not be specified when expression is set");
                }
                if (!expressions.add(expression.text())) {
                    expression.duplicate();
                } else {
                    noteVerifiedMail(compiled(OF_CLAIMS, expression, "bool"));
                }
            }
        }
    }

    private void mappings(Field mappings) {
        Field username = mappings.at("username");
        CelProgram name = prefixed(username, true);
        if (name != null) {
            usesMail |= name.selects("claims", "email");
            noteVerifiedMail(name);
        }
        prefixed(mappings.at("groups"), false);
        Field uid = mappings.at("uid");
        if (!uid.at("claim").empty() && !uid.at("expression").empty()) {
            uid.invalidValue("", BOTH);
        } else if (!uid.at("expression").empty()) {
            compiled(OF_CLAIMS, uid.at("expression"), "");
        }
        Set<String> keys = new HashSet<>();
        for (Field extra : mappings.at("extra").items()) {
            extra(extra, keys);
        }
        if (usesMail && !usesVerifiedMail) {
            username.at("expression")
                    .invalid("claims.email_verified must be used in claimMappings.username.expression or"
                            + " claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when"
                            + " claims.email is used in claimMappings.username.expression");
        }
    }

    private void extra(Field extra, Set<String> keys) {
        Field key = extra.at("key");
        key.requireDomainPrefixedPath();
        if (!key.is(key.text().toLowerCase(Locale.ROOT))) {
            key.invalid("must be lowercase");
        }
        String domain =
                key.text().contains("/") ? key.text().substring(0, key.text().indexOf('/')) : "";
        if (domain.matches("(.+\\.)?(kubernetes|k8s)\\.io")) {
            key.invalid("k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use");
        }
        if (!keys.add(key.text())) {
            key.duplicateValue(key.text());
        } else if (extra.at("valueExpression").require()) {
            noteVerifiedMail(compiled(OF_CLAIMS, extra.at("valueExpression"), ""));
        }
    }

    private static @Nullable CelProgram prefixed(Field mapping, boolean required) {
        Field claim = mapping.at("claim");
        Field expression = mapping.at("expression");
        Field prefix = mapping.at("prefix");
        if (!claim.empty() && !expression.empty()) {
            mapping.invalidValue("", BOTH);
        } else if (!expression.empty()) {
            int before = mapping.findings().size();
            if (prefix.present()) {
                prefix.invalid("may not be specified when expression is set");
            }
            CelProgram program = compiled(OF_CLAIMS, expression, "");
            return mapping.findings().size() == before ? program : null;
        } else if (!claim.empty()) {
            if (!prefix.present()) {
                prefix.required(
                        "prefix is required when claim is set. It can be set to an empty string to disable prefixing");
            }
        } else if (required) {
            mapping.required(NEITHER);
        }
        return null;
    }

    private static void userRules(Field rules) {
        Set<String> expressions = new HashSet<>();
        for (Field rule : rules.items()) {
            Field expression = rule.at("expression");
            if (expression.require()) {
                if (!expressions.add(expression.text())) {
                    expression.duplicate();
                } else {
                    compiled(OF_USER, expression, "bool");
                }
            }
        }
    }

    private void noteVerifiedMail(@Nullable CelProgram program) {
        usesVerifiedMail |= program != null && program.selects("claims", "email_verified");
    }

    /** @param type of the value; "" for any */
    private static @Nullable CelProgram compiled(CelEnvironment environment, Field expression, String type) {
        try {
            CelProgram program = environment.compile(expression.text());
            if (type.isEmpty() || program.typeName().equals(type)) {
                return program;
            }
            expression.invalid("must evaluate to " + type);
        } catch (CelCompilationException unclear) {
            expression.invalid(String.valueOf(unclear.getMessage()));
        }
        return null;
    }
}
