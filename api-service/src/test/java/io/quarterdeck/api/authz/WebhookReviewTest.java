package io.quarterdeck.api.authz;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.model.FieldSelectorSyntax;
import io.quarterdeck.model.LabelSelectorSyntax;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** What an authorization webhook is told of a list's selectors. */
class WebhookReviewTest {

    @ParameterizedTest(name = "{0} | {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec.nodeName=n1,status.phase!=Failed |            | {"fieldSelector":{"requirements":[{"key":"spec.nodeName","operator":"In","values":["n1"]},{"key":"status.phase","operator":"NotIn","values":["Failed"]}]}}
                        | app in (b,a),!old,x,y notin (z)      | {"labelSelector":{"requirements":[{"key":"app","operator":"In","values":["a","b"]},{"key":"old","operator":"DoesNotExist"},{"key":"x","operator":"Exists"},{"key":"y","operator":"NotIn","values":["z"]}]}}
                        | size>3                               | {}
                        |                                      | {}
            """)
    void namesWhatAListIsNarrowedTo(String fields, String labels, String expected) {
        AccessRequest request = new AccessRequest(
                new User("jane", "", List.of(), Map.of()),
                "list",
                "",
                "v1",
                "pods",
                "",
                "d",
                "",
                "",
                FieldSelectorSyntax.parse(fields == null ? "" : fields),
                LabelSelectorSyntax.parse(labels == null ? "" : labels));

        assertThat(WebhookAuthorizer.spec(request, "groups")
                        .at("/resourceAttributes")
                        .deepCopy())
                .isEqualTo(JsonMapper.shared()
                        .readTree("{\"namespace\":\"d\",\"verb\":\"list\",\"version\":\"v1\",\"resource\":\"pods\""
                                + (expected.equals("{}") ? "}" : "," + expected.substring(1))));
    }
}
