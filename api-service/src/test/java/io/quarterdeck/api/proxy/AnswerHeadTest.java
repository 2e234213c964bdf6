package io.quarterdeck.api.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What kube-apiserver 1.36.2 says of servers that answer so. */
class AnswerHeadTest {

    private static InputStream answer(String text) {
        return new ByteArrayInputStream(
                text.replace("~", "\r\n").replace("^", "\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | EOF",
                "hello there~~ | malformed HTTP status code \"there\"",
                "garbage | malformed HTTP response \"garbage\"",
                "~~ | malformed HTTP response \"\"",
                "HTTP/1.1~~ | malformed HTTP response \"HTTP/1.1\"",
                "HTTP/1.1 abc OK~~ | malformed HTTP status code \"abc\"",
                "HTTP/1.1 20 OK~~ | malformed HTTP status code \"20\"",
                "HTTP/1.1 1000 X~~ | malformed HTTP status code \"1000\"",
                "HTTP/9 200 OK~~ | malformed HTTP version \"HTTP/9\"",
                "HTTP/1.1 200 OK~foo bar~~hi | malformed MIME header: missing colon: \"foo bar\"",
                "HTTP/1.1 200 OK~Content-Le | malformed MIME header: missing colon: \"Content-Le\"",
                "HTTP/1.1 200 OK~: x~~ | malformed MIME header line: : x",
                "HTTP/1.1 200 OK~A: b~ | unexpected EOF",
                "HTTP/1.1 200 OK~Content-Length: 2~Content-Length: 3~~ | http: message cannot contain multiple Content-Length headers; got [\"2\" \"3\"]",
                "HTTP/1.1 200 OK~Content-Length: -2~~ | bad Content-Length \"-2\"",
                "HTTP/1.1 200 OK~Content-Length: two~~ | bad Content-Length \"two\"",
                "HTTP/1.1 200 OK~Transfer-Encoding: gzip~~ | unsupported transfer encoding: \"gzip\"",
            })
    void whatIsDamagedIsNoAnswer(String text, String why) {
        assertThatIOException()
                .isThrownBy(() -> AnswerHead.read(answer(text)))
                .withMessage((why.equals("EOF") ? "" : "net/http: HTTP/1.x transport connection broken: ") + why);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 200 OK~Content-Length: 2~Content-Length: 2~~hi | 200 | 2 | false | ''",
                "HTTP/1.1  404 Not Found~~ | 404 | -1 | false | ''",
                "HTTP/3.0 700^A: b^ c^^ | 700 | -1 | false | b c",
                "HTTP/1.1 204~transfer-encoding: Chunked~a:  x ~~ | 204 | -1 | true | x",
            })
    void whatGoReadsIsRead(String text, int status, long length, boolean chunked, String header) throws IOException {
        AnswerHead head = AnswerHead.read(answer(text));
        assertThat(head.status()).isEqualTo(status);
        assertThat(head.length()).isEqualTo(length);
        assertThat(head.chunked()).isEqualTo(chunked);
        assertThat(head.header("A")).isEqualTo(header);
    }
}
