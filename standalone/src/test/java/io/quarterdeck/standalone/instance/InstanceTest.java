package io.quarterdeck.standalone.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceTest {
    @TempDir
    Path parent;

    private Instance instance;

    @BeforeEach
    void create() throws Exception {
        instance = new Instance(parent.resolve("data"));
        instance.create();
    }

    @Test
    void runsWhileItsLockIsHeld() throws Exception {
        assertThat(instance.running()).isFalse();
        var lock = instance.lock().orElseThrow();
        assertThat(instance.running()).isTrue();
        lock.close();
        assertThat(instance.running()).isFalse();
    }

    @Test
    void remembersItsPort() {
        assertThat(instance.port(OptionalInt.empty())).isEqualTo(6443);
        instance.state().put(InstanceState.PORT, "7443");
        assertThat(instance.port(OptionalInt.empty())).isEqualTo(7443);
        assertThat(instance.port(OptionalInt.of(8443))).isEqualTo(8443);
    }

    @Test
    void aNewStartForgetsTheOldProgressAndKeepsWhatIsToBeUndone() {
        InstanceState state = instance.state();
        state.put(Map.of(
                InstanceState.PHASE + "api",
                "1200",
                InstanceState.FAILURE,
                "port 1 is taken",
                InstanceState.DOCKERD,
                "77"));
        state.begin();
        assertThat(state.all()).containsOnly(Map.entry(InstanceState.DOCKERD, "77"));
    }

    @Test
    void changesMadeAtOnceAllStay() throws Exception {
        try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                String name = "n" + i;
                writers.submit(() -> new Instance(instance.directory()).state().put(name, "set"));
            }
        }
        assertThat(instance.state().all()).hasSize(50);
        assertThat(instance.damage()).isEmpty();
    }

    @Test
    void stateKeepsAwkwardText() {
        instance.state().put(InstanceState.FAILURE, "C:\\x = 1\nsecond line");
        assertThat(instance.state().get(InstanceState.FAILURE)).hasValue("C:\\x = 1 second line");
    }

    @Test
    void seesWhatIsNotItsOwn() throws Exception {
        assertThat(instance.stranger()).isEmpty();
        Files.createFile(instance.directory().resolve("thesis.tex"));
        assertThat(instance.stranger()).hasValue("thesis.tex");
        assertThat(instance.damage()).isPresent();
    }

    @Test
    void partsAreNamedAsOnTheCommandLine() {
        assertThat(Role.format(Role.parse("scheduler, api"))).isEqualTo("api,scheduler");
        assertThatThrownBy(() -> Role.parse("api,kubelet")).hasMessageContaining("unknown component \"kubelet\"");
        assertThatThrownBy(() -> Role.parse("scheduler")).hasMessageContaining("without the component \"api\"");
    }
}
