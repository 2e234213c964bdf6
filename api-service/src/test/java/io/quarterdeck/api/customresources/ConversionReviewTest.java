package io.quarterdeck.api.customresources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.quarterdeck.api.document.Document;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ConversionReviewTest {

    private static final String ABOUT = "conversion webhook for g.io/v1, Kind=Foo";
    private static final String CONVERTED =
            "{\"apiVersion\":\"g.io/v2\",\"kind\":\"Foo\",\"metadata\":{\"name\":\"a\",\"uid\":\"u\"}}";

    private final ConversionReview review = new ConversionReview("v1", "7", "g.io/v2");

    private static Document foo(String name) {
        return new Document((ObjectNode) json("""
                {"apiVersion":"g.io/v1","kind":"Foo","metadata":{"name":"%s","uid":"u","resourceVersion":"3",
                 "labels":{"a":"b"},"finalizers":["f"]},"spec":{"n":1}}
                """.formatted(name)));
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static JsonNode answer(String... objects) {
        return json("""
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview",
                 "response":{"uid":"7","result":{"status":"Success"},"convertedObjects":[%s]}}
                """.formatted(String.join(",", objects)));
    }

    private String refusal(JsonNode answer) {
        return catchThrowableOfType(ConversionReview.Failed.class, () -> review.answered(answer, List.of(foo("a"))))
                .status()
                .text();
    }

    @Test
    void asksForAllObjectsInOneRequestWithoutWhatOnlyTheStoreKnows() {
        byte[] request = review.request(List.of(ConversionReview.shown(foo("a")), ConversionReview.shown(foo("b"))));
        JsonNode asked = json(new String(request, StandardCharsets.UTF_8));
        assertThat(asked.path("kind").asString()).isEqualTo("ConversionReview");
        assertThat(asked.path("apiVersion").asString()).isEqualTo("apiextensions.k8s.io/v1");
        assertThat(asked.path("request").path("uid").asString()).isEqualTo("7");
        assertThat(asked.path("request").path("desiredAPIVersion").asString()).isEqualTo("g.io/v2");
        assertThat(asked.path("request")
                        .path("objects")
                        .valueStream()
                        .map(object -> object.path("metadata").path("name").asString()))
                .containsExactly("a", "b");
        assertThat(asked.path("request").path("objects").get(0).path("metadata").has("resourceVersion"))
                .isFalse();
    }

    @Test
    void labelsAndAnnotationsAreTheAnswersAllOtherMetadataIsWhatWasSent() throws Exception {
        Document converted = review.answered(answer("""
                                {"apiVersion":"g.io/v2","kind":"Foo","spec":{"m":2},"metadata":{"name":"a","uid":"u",
                                 "labels":{"c":"d"},"annotations":{"e":"f"},"finalizers":["mine"],"generation":42,"x":1}}"""), List.of(foo("a"))).getFirst();
        assertThat(converted.tree()).isEqualTo(json("""
                {"apiVersion":"g.io/v2","kind":"Foo","spec":{"m":2},"metadata":{"name":"a","uid":"u",
                 "resourceVersion":"3","labels":{"c":"d"},"annotations":{"e":"f"},"finalizers":["f"]}}"""));
    }

    @Test
    void labelsThatTheAnswerLeavesOutAreGone() throws Exception {
        assertThat(review.answered(answer(CONVERTED), List.of(foo("a")))
                        .getFirst()
                        .has("metadata.labels"))
                .isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            another uid       | "uid":"u"                    | "uid":"x"                            | returned invalid object: must have the same UID: u != x
            another name      | "name":"a"                   | "name":"b"                           | returned invalid object: must have the same name: a != b
            a namespace       | "name":"a"                   | "name":"a","namespace":"n"           | returned invalid object: must have the same namespace:  != n
            another version   | g.io/v2                      | g.io/v9                              | returned invalid object at index 0: invalid groupVersion (expected g.io/v2, received g.io/v9)
            another kind      | "kind":"Foo"                 | "kind":"Bar"                         | returned invalid object at index 0: invalid kind (expected Foo, received Bar)
            label no string   | "uid":"u"                    | "uid":"u","labels":{"a":1}           | returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object
            labels a list     | "uid":"u"                    | "uid":"u","labels":["a"]             | returned invalid metadata: invalid metadata.labels of type []interface {} in converted object
            """)
    void anObjectThatIsNotTheSameIsRefused(String name, String from, String to, String told) {
        assertThat(refusal(answer(CONVERTED.replace(from, to)))).isEqualTo(ABOUT + " " + told);
    }

    @Test
    void labelsAreJudgedAsThoseOfARequest() {
        assertThat(refusal(answer(CONVERTED.replace("\"uid\":\"u\"", "\"uid\":\"u\",\"labels\":{\"a b\":\"c\"}"))))
                .startsWith(
                        ABOUT + " returned invalid metadata: metadata.labels: Invalid value: \"a b\": name part must");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            another review's uid | "7"                       | "8"       | failed: expected response.uid="7", got "8"
            no response          | "response"                | "r"       | failed: no response provided
            no success           | "Success"                 | "Failure" | failed: response.result.status was 'Failure', not 'Success'
            its own words        | {"status":"Success"}      | {"status":"Failure","message":"no way"} | failed: no way
            too few objects      | "convertedObjects"        | "objects" | returned 0 objects, expected 1
            """)
    void anAnswerThatIsNoneIsRefused(String name, String from, String to, String told) {
        JsonNode changed = json(answer(CONVERTED).toString().replace(from, to));
        assertThat(refusal(changed)).isEqualTo(ABOUT + " " + told);
    }

    @Test
    void theFirstKnownVersionIsSpoken() {
        assertThat(ConversionReview.version(List.of("v9", "v1beta1", "v1"))).hasValue("v1beta1");
        assertThat(ConversionReview.version(List.of("v9"))).isEmpty();
    }
}
