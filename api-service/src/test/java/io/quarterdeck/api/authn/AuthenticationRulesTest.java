package io.quarterdeck.api.authn;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.model.FieldError;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
