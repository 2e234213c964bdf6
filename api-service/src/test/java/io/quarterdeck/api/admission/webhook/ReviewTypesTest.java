package io.quarterdeck.api.admission.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ReviewTypesTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "200, ''",
        "2147483647, ''",
        "2147483648, json: cannot unmarshal number 2147483648 into Go struct field Status.response.status.code of type int32",
        "200.5, json: cannot unmarshal number 200.5 into Go struct field Status.response.status.code of type int32",
        "'\"x\"', json: cannot unmarshal string into Go struct field Status.response.status.code of type int32",
    })
    void aCodeHasThirtyTwoBits(String code, String misfit) {
        String review = "{\"response\":{\"status\":{\"code\":%s}}}".formatted(code);
        assertThat(ReviewTypes.misfit(JsonMapper.shared().readTree(review))).isEqualTo(misfit);
    }
}
