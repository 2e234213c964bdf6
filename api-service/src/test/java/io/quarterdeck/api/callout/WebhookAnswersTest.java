package io.quarterdeck.api.callout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The words are those of kube-apiserver 1.36.2 for the same answers. */
class WebhookAnswersTest {

    private static final WebhookClient.Review REVIEW =
            new WebhookClient.Review("admission.k8s.io", "v1", "AdmissionReview", 1_000);

    private static WebhookConnection.Answer answer(int status, String type, String body) {
        return new WebhookConnection.Answer(status, type, "", body.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "200 | application/json | hello | couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }",
                "200 | application/json | {\"kind\":3} | couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
                "200 | application/json | {\"apiVersion\":\"a/b/c\"} | unexpected GroupVersion string: a/b/c",
                "200 | application/json | {\"a\":tr | couldn't get version/kind; json parse error: invalid character ' ' in literal true (expecting 'u')",
                "200 | ~~               | ~~      | 0-length response with status code: 200 and content type: application/json",
                "200 | ;;;              | {}      | Internal error occurred: mime: no media type",
                "403 | text/plain       | no\\n   | no\\n",
                "406 | application/json | {}      | the server was unable to respond with a content type that the client supports",
                "415 | application/json | {}      | unknown",
                "500 | text/plain       | a\"b    | an error on the server (\"a\\\"b\") has prevented the request from succeeding",
                "500 | ~~               | ~~      | an error on the server (\"\") has prevented the request from succeeding",
                "409 | application/json | {\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"mine\"} | mine",
                "302 | text/html        | x       | the server responded with the status code 302 but did not return more information"
            })
    void tellsWhatIsWrong(int status, String type, String body, String expected) {
        assertThatThrownBy(() -> WebhookAnswers.read(answer(status, type, body), REVIEW))
                .isInstanceOf(IOException.class)
                .hasMessage(expected);
    }

    @Test
    void readsYamlAndWhatDoesNotSayWhatItIs() throws IOException {
        assertThat(WebhookAnswers.read(answer(200, "text/plain", "response: {allowed: true}"), REVIEW)
                        .path("response")
                        .path("allowed")
                        .asBoolean())
                .isTrue();
        assertThat(WebhookAnswers.misnomer(
                        WebhookAnswers.read(
                                answer(200, "application/json", "{\"apiVersion\":\"admission.k8s.io/v1\"}"), REVIEW),
                        REVIEW))
                .isEqualTo("expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got"
                        + " admission.k8s.io/v1, Kind=");
        assertThat(WebhookAnswers.misnomer(WebhookAnswers.read(answer(200, "", "{}"), REVIEW), REVIEW))
                .endsWith("got /, Kind=");
    }
}
