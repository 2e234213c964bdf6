package io.quarterdeck.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessUserTest {

    @Test
    void takesWhatIsInEffect() {
        assertThat(ProcessUser.parse(
                        "Name:\tsleep\nUid:\t0\t1000\t1000\t1000\nGid:\t3000\t3000\t3000\t3000\nGroups:\t3000 4000 \n"))
                .contains(new ProcessUser(1000, 3000, List.of(3000L, 4000L)));
        assertThat(ProcessUser.parse("Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t \n"))
                .contains(new ProcessUser(0, 0, List.of()));
        assertThat(ProcessUser.parse("Name:\tsleep\n")).isEmpty();
    }

    @Test
    void forAProcessThatHasEndedWhatWasAskedForStands() {
        assertThat(ProcessUser.asked("", List.of("4000"))).contains(new ProcessUser(0, 0, List.of(0L, 4000L)));
        assertThat(ProcessUser.asked("1000:3000", List.of("3000")))
                .contains(new ProcessUser(1000, 3000, List.of(3000L)));
        assertThat(ProcessUser.asked("nobody", List.of())).isEmpty();
    }
}
