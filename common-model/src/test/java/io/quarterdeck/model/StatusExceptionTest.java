package io.quarterdeck.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StatusExceptionTest {
    @Test
    void namesAreQuotedAsGoDoes() {
        GroupResource pods = new GroupResource("", "pods");
        assertThat(StatusException.notFound(pods, "\\").text()).isEqualTo("pods \"\\\\\" not found");
        assertThat(StatusException.alreadyExists(pods, "a\u0001").text()).isEqualTo("pods \"a\\x01\" already exists");
        assertThat(StatusException.notFound(pods, "a").text()).isEqualTo("pods \"a\" not found");
    }
}
