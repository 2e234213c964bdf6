package io.quarterdeck.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServerProcessTest {

    @Test
    void theLastLineTellsWhyTheServerEnded() {
        assertThat(ServerProcess.lastWords(List.of("starting", "no memory", "")))
                .isEqualTo("the server ended: no memory");
        assertThat(ServerProcess.lastWords(List.of())).isEqualTo("the server ended: it said nothing");
    }

    @Test
    void aCrashIsToldByTheLibraryThatCrashed() {
        assertThat(ServerProcess.lastWords(List.of(
                        "#", "# Problematic frame:", "# C  [libnftables.so.1+0x3e274]", "#", "# Core dump", "#")))
                .isEqualTo("the server crashed in native code: [libnftables.so.1+0x3e274]");
    }
}
