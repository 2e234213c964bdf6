package io.quarterdeck.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.standalone.instance.Instance;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {
    @TempDir
    Path directory;

    private String print(boolean kubectl) {
        var said = new ByteArrayOutputStream();
        Summary.print(new PrintStream(said, true), new Instance(directory), "quarterdeck", kubectl);
        return said.toString();
    }

    @Test
    void isShortAndSaysWhereToGetWhatIsMissing() {
        assertThat(print(true).lines()).hasSizeLessThanOrEqualTo(8).contains("Try         kubectl get nodes");
        assertThat(print(false).lines())
                .hasSizeLessThanOrEqualTo(8)
                .contains(
                        "Try         kubectl get nodes    (not installed here: https://kubernetes.io/docs/tasks/tools)");
    }
}
