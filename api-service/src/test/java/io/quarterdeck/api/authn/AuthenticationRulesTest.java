package io.quarterdeck.api.authn;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.model.FieldError;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Each rule once, in the words of upstream's validation. */
class AuthenticationRulesTest {

    private static final String GOOD_ISSUER = "issuer: {url: 'https://a.example', audiences: [x]}";
    private static final String GOOD_NAME = "claimMappings: {username: {claim: sub, prefix: ''}}";

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "jwt: [{ISSUER, NAME}] | ~~",
                "jwt: [{issuer: {audiences: [x]}, NAME}] | jwt[0].issuer.url: Required value",
                "jwt: [{issuer: {url: 'http://a?b#c', audiences: []}, NAME}] | jwt[0].issuer.url: Invalid value: \"http://a?b#c\": URL scheme must be https; jwt[0].issuer.url: Invalid value: \"http://a?b#c\": URL must not contain a query; jwt[0].issuer.url: Invalid value: \"http://a?b#c\": URL must not contain a fragment; jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required",
                "jwt: [{issuer: {url: 'https://own.example', audiences: [x, x]}, NAME}] | jwt[0].issuer.url: Invalid value: \"https://own.example\": URL must not overlap with disallowed issuers: [https://own.example]; jwt[0].issuer.audiences[1]: Duplicate value: \"x\"; jwt[0].issuer.audienceMatchPolicy: Invalid value: \"\": audienceMatchPolicy must be MatchAny for multiple audiences",
                "jwt: [{ISSUER, NAME}, {ISSUER, NAME}] | jwt[1].issuer.url: Duplicate value: \"https://a.example\"",
                "jwt: [{ISSUER, claimMappings: {username: {claim: sub}}}] | jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing",
                "jwt: [{ISSUER}] | jwt[0].claimMappings.username: Required value: claim or expression is required",
                "jwt: [{ISSUER, claimMappings: {username: {expression: 'claims.email'}}}] | jwt[0].claimMappings.username.expression: Invalid value: \"claims.email\": claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression",
                "jwt: [{ISSUER, NAME, claimValidationRules: [{claim: a, expression: b}, {}, {expression: claims.x}]}] | jwt[0].claimValidationRules[0]: Invalid value: \"a\": claim and expression can't both be set; jwt[0].claimValidationRules[1]: Required value: claim or expression is required; jwt[0].claimValidationRules[2].expression: Invalid value: \"claims.x\": must evaluate to bool",
                "jwt: [{ISSUER, NAME, userValidationRules: [{expression: 'user.username'}, {}]}] | jwt[0].userValidationRules[0].expression: Invalid value: \"user.username\": must evaluate to bool; jwt[0].userValidationRules[1].expression: Required value",
                "jwt: [{issuer: {url: 'https://a b', audiences: [x]}, NAME}] | jwt[0].issuer.url: Invalid value: \"https://a b\": parse \"https://a b\": invalid character \" \" in host name",
                "jwt: [{issuer: {url: '://x', audiences: [x]}, NAME}] | jwt[0].issuer.url: Invalid value: \"://x\": parse \"://x\": missing protocol scheme",
                "jwt: [{issuer: {url: 'https://u:p@a:99999999/%zz', audiences: [x]}, NAME}] | jwt[0].issuer.url: Invalid value: \"https://u:p@a:99999999/%zz\": parse \"https://u:p@a:99999999/%zz\": invalid URL escape \"%zz\"",
                "jwt: [{issuer: {url: 'https://u:p@a', audiences: ['',x,x], audienceMatchPolicy: Foo}, NAME}] | jwt[0].issuer.url: Invalid value: \"https://u:p@a\": URL must not contain a username or password; jwt[0].issuer.audiences[0]: Required value; jwt[0].issuer.audiences[2]: Duplicate value: \"x\"; jwt[0].issuer.audienceMatchPolicy: Invalid value: \"Foo\": audienceMatchPolicy must be MatchAny for multiple audiences",
                "jwt: [{issuer: {url: 'https://a', discoveryURL: 'https://a/', audiences: [x], certificateAuthority: zz, egressSelectorType: foo}, NAME}] | jwt[0].issuer.discoveryURL: Invalid value: \"https://a/\": discoveryURL must be different from URL; jwt[0].issuer.certificateAuthority: Invalid value: \"<omitted>\": data does not contain any valid RSA or ECDSA certificates; jwt[0].issuer.egressSelectorType: Invalid value: \"foo\": egress selector must be either controlplane or cluster",
                "jwt: [{ISSUER, claimMappings: {username: {claim: sub, expression: claims.sub}, groups: {claim: g}, uid: {claim: a, expression: b}}}] | jwt[0].claimMappings.username: Invalid value: \"\": claim and expression can't both be set; jwt[0].claimMappings.groups.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing; jwt[0].claimMappings.uid: Invalid value: \"\": claim and expression can't both be set",
                "jwt: [{ISSUER, claimMappings: {username: {expression: 'claims.'}}}] | ~jwt[0].claimMappings.username.expression: Invalid value: \"claims.\": compilation failed: ERROR: <input>:1:8: Syntax error: no viable alternative at input '.'\n | claims.\n | .......^~",
                "jwt: [{ISSUER, claimMappings: {username: {expression: 'foo.bar'}}}] | ~jwt[0].claimMappings.username.expression: Invalid value: \"foo.bar\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo.bar\n | ^~",
                "jwt: [{ISSUER, claimMappings: {username: {expression: claims.a, prefix: x}, extra: [{key: a.b/C, valueExpression: ''}, {key: k8s.io/x, valueExpression: claims.x}, {key: k8s.io/x, valueExpression: claims.x}, {key: ''}]}}] | jwt[0].claimMappings.username.prefix: Invalid value: \"x\": may not be specified when expression is set; jwt[0].claimMappings.extra[0].key: Invalid value: \"a.b/C\": must be lowercase; jwt[0].claimMappings.extra[0].valueExpression: Required value; jwt[0].claimMappings.extra[1].key: Invalid value: \"k8s.io/x\": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use; jwt[0].claimMappings.extra[2].key: Invalid value: \"k8s.io/x\": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use; jwt[0].claimMappings.extra[2].key: Duplicate value: \"k8s.io/x\"; jwt[0].claimMappings.extra[3].key: Required value; jwt[0].claimMappings.extra[3].valueExpression: Required value",
                "jwt: [{ISSUER, NAME, claimValidationRules: [{claim: a, message: m}, {claim: a}, {expression: claims.x == 1, requiredValue: z}, {expression: claims.x == 1}, {expression: '1'}, {expression: x y}]}] | ~jwt[0].claimValidationRules[0].message: Invalid value: \"m\": may not be specified when claim is set; jwt[0].claimValidationRules[1].claim: Duplicate value: \"a\"; jwt[0].claimValidationRules[2].requiredValue: Invalid value: \"z\": may not be specified when expression is set; jwt[0].claimValidationRules[3].expression: Duplicate value: \"claims.x == 1\"; jwt[0].claimValidationRules[4].expression: Invalid value: \"1\": must evaluate to bool; jwt[0].claimValidationRules[5].expression: Invalid value: \"x y\": compilation failed: ERROR: <input>:1:3: Syntax error: extraneous input 'y' expecting <EOF>\n | x y\n | ..^~",
                "jwt: [{ISSUER, NAME, userValidationRules: [{message: m}, {expression: user.foo}, {expression: claims.x}, {expression: user.extra.a}]}] | ~jwt[0].userValidationRules[0].expression: Required value; jwt[0].userValidationRules[1].expression: Invalid value: \"user.foo\": compilation failed: ERROR: <input>:1:5: undefined field 'foo'\n | user.foo\n | ....^; jwt[0].userValidationRules[2].expression: Invalid value: \"claims.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'claims' (in container '')\n | claims.x\n | ^; jwt[0].userValidationRules[3].expression: Invalid value: \"user.extra.a\": must evaluate to bool~",
                "jwt: [null] | jwt[0].issuer.url: Required value; jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required; jwt[0].claimMappings.username: Required value: claim or expression is required",
                "jwt: [{issuer: {url: 'HTTPS://a', discoveryURL: 'https://d', audiences: [x]}, NAME}, {issuer: {url: 'https://b', discoveryURL: 'https://d', audiences: [x]}, NAME}] | jwt[1].issuer.discoveryURL: Duplicate value: \"https://d\"",
                "anonymous: {enabled: false, conditions: [{path: /livez}]} | anonymous.conditions: Invalid value: [{\"Path\":\"/livez\"}]: enabled should be set to true when conditions are defined"
            })
    void findsWhatCannotBeMeant(String configuration, String expected) {
        String yaml = configuration.replace("ISSUER", GOOD_ISSUER).replace("NAME", GOOD_NAME);
        assertThat(
                        AuthenticationRules.check(ConfigurationFile.parse(yaml, "test"), Set.of("https://own.example"))
                                .stream()
                                .map(FieldError::toString)
                                .reduce((a, b) -> a + "; " + b)
                                .orElse(""))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "jwt: [{ISSUER, NAME}] | ~~",
                "{foo: 1, jwt: [{ISSUER, NAME, bar: 2}]} | strict decoding error: unknown field \"foo\", unknown field \"jwt[0].bar\"",
                "jwt: [{issuer: {url: u, zz: 1, yy: 2}}] | strict decoding error: unknown field \"jwt[0].issuer.yy\", unknown field \"jwt[0].issuer.zz\"",
                "JWT: [] | strict decoding error: unknown field \"JWT\"",
                "jwt: {} | json: cannot unmarshal object into Go struct field AuthenticationConfiguration.jwt of type []v1.JWTAuthenticator",
                "jwt: [{issuer: {url: 5}}] | json: cannot unmarshal number into Go struct field Issuer.jwt.issuer.url of type string",
                "jwt: [{issuer: {audiences: x}}] | json: cannot unmarshal string into Go struct field Issuer.jwt.issuer.audiences of type []string",
                "jwt: [{issuer: {audiences: [1]}}] | json: cannot unmarshal number into Go struct field Issuer.jwt.issuer.audiences of type string",
                "jwt: [{issuer: x, NAME}] | json: cannot unmarshal string into Go struct field JWTAuthenticator.jwt.issuer of type v1.Issuer",
                "jwt: [{claimMappings: {username: {prefix: 5}}}] | json: cannot unmarshal number into Go struct field PrefixedClaimOrExpression.jwt.claimMappings.username.prefix of type string",
                "jwt: [x] | json: cannot unmarshal string into Go struct field AuthenticationConfiguration.jwt of type v1.JWTAuthenticator",
                "anonymous: true | json: cannot unmarshal bool into Go struct field AuthenticationConfiguration.anonymous of type v1.AnonymousAuthConfig",
                "anonymous: {enabled: 'yes'} | json: cannot unmarshal string into Go struct field AnonymousAuthConfig.anonymous.enabled of type bool",
                "anonymous: {conditions: [{path: 5}]} | json: cannot unmarshal number into Go struct field AnonymousAuthCondition.anonymous.conditions.path of type string",
                "jwt: [{claimMappings: {extra: {}}}] | json: cannot unmarshal object into Go struct field ClaimMappings.jwt.claimMappings.extra of type []v1.ExtraMapping",
                "jwt: null | ~~",
            })
    void refusesWhatIsNoConfiguration(String configuration, String expected) {
        String yaml = configuration.replace("ISSUER", GOOD_ISSUER).replace("NAME", GOOD_NAME);
        ObjectNode tree = ConfigurationFile.parse(yaml, "test");
        tree.put("apiVersion", "apiserver.config.k8s.io/v1");
        assertThat(AuthenticationFile.problem(tree.put("kind", "AuthenticationConfiguration")))
                .isEqualTo(expected);
    }
}
