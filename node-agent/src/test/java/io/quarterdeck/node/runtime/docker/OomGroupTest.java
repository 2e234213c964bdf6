package io.quarterdeck.node.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OomGroupTest {

    @TempDir
    private Path top;

    private Path group(String membership, String group) throws IOException {
        Path directory = Files.createDirectories(top.resolve("sys").resolve(group));
        Files.createDirectories(top.resolve("proc/7"));
        Files.writeString(top.resolve("proc/7/cgroup"), membership);
        return directory.resolve("memory.oom.group");
    }

    private void set(long pid) {
        new OomGroup(top.resolve("sys"), top.resolve("proc")).set(pid);
    }

    @Test
    void aContainerEndsWhole() throws IOException {
        Path file = group("0::/system.slice/docker-abc.scope\n", "system.slice/docker-abc.scope");
        Files.writeString(file, "0\n");
        set(7);
        assertThat(file).hasContent("1");
    }

    @Test
    void whereThereIsNoSuchFileNoneIsMade() throws IOException {
        Path root = group("0::/\n", "");
        set(7);
        assertThat(root).doesNotExist();
    }

    @Test
    void versionOneIsLeftAlone() throws IOException {
        Path file = group("3:memory:/docker/abc\n0::/docker/abc\n", "docker/abc");
        Files.writeString(file, "0");
        set(7);
        assertThat(file).hasContent("0");
    }

    @Test
    void aContainerThatHasEndedIsNoError() {
        set(0);
        set(8);
        assertThat(top.resolve("sys")).doesNotExist();
    }
}
