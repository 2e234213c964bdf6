package io.quarterdeck.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.testing.RunningApi;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Refusals in the form that the client accepts, whether the path is a resource's or not. */
class FailureFormsIT {

    @TempDir
    static Path directory;

    private static RunningApi api;

    @BeforeAll
    static void start() throws IOException {
        api = RunningApi.start(directory);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "/apis/apps/v9, application/yaml, 404, application/yaml, code: 404",
        "/apis/apps/v9, application/vnd.kubernetes.protobuf, 404, application/vnd.kubernetes.protobuf, NotFound",
        "/apis/apps/v9, text/plain, 404, application/json, NotFound",
        "/apis/apps/v1?timeout=x, application/yaml, 400, application/yaml, code: 400",
        "/api/v1/nosuch, application/yaml, 404, application/yaml, code: 404",
    })
    void refusalsHaveTheFormThatIsAccepted(String path, String accepted, int code, String type, String text) {
        HttpResponse<String> answer =
                api.send(api.request(path, RunningApi.ADMIN).header("Accept", accepted));
        assertThat(answer.statusCode()).isEqualTo(code);
        assertThat(answer.headers().firstValue("Content-Type")).contains(type);
        assertThat(answer.body()).contains(text);
    }
}
