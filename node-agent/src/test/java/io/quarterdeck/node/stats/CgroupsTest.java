package io.quarterdeck.node.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.node.stats.Cgroups.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupsTest {

    @TempDir
    private Path top;

    private void write(String file, String text) throws IOException {
        Path path = top.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private Cgroups cgroups() {
        return new Cgroups(top.resolve("sys"), top.resolve("proc"));
    }

    @Test
    void versionTwo() throws IOException {
        write("proc/7/cgroup", "0::/docker/abc\n");
        write("sys/docker/abc/memory.current", "1000\n");
        write("sys/docker/abc/memory.stat", "anon 600\ninactive_file 300\n");
        write("sys/docker/abc/cpu.stat", "usage_usec 5\nuser_usec 3\n");
        assertThat(cgroups().of(7)).contains(new Usage(5000, 1000, 700, 600));
    }

    /** As systemd lays them out, and as the kernel writes them. */
    @Test
    void versionTwoBySystemd() throws IOException {
        write("proc/7/cgroup", "0::/system.slice/docker-abc.scope\n");
        write("sys/system.slice/docker-abc.scope/memory.current", "1048576\n");
        write("sys/system.slice/docker-abc.scope/memory.stat", "anon 4096\nfile 8192\ninactive_file 2097152\n");
        write(
                "sys/system.slice/docker-abc.scope/cpu.stat",
                "usage_usec 12\nuser_usec 7\nsystem_usec 5\ncore_sched.force_idle_usec 0\nnr_periods 3\n");
        assertThat(cgroups().of(7)).contains(new Usage(12_000, 1_048_576, 0, 4096));
    }

    @Test
    void bothVersionsMounted() throws IOException {
        write("proc/7/cgroup", "3:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/docker/abc\n");
        write("sys/cpu,cpuacct/docker/abc/cpuacct.usage", "9\n");
        write("sys/memory/docker/abc/memory.usage_in_bytes", "10\n");
        write("sys/memory/docker/abc/memory.stat", "total_rss 6\n");
        assertThat(cgroups().of(7)).contains(new Usage(9, 10, 10, 6));
    }

    @Test
    void versionOneWithControllersTogether() throws IOException {
        write("proc/7/cgroup", "4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n0::/\n");
        write("sys/cpu,cpuacct/docker/abc/cpuacct.usage", "9\n");
        write("sys/memory/docker/abc/memory.usage_in_bytes", "1000\n");
        write("sys/memory/docker/abc/memory.stat", "total_rss 600\ntotal_inactive_file 300\n");
        assertThat(cgroups().of(7)).contains(new Usage(9, 1000, 700, 600));
    }

    @Test
    void versionOneWithControllersApart() throws IOException {
        write("proc/7/cgroup", "5:cpuacct:/docker/abc\n3:memory:/docker/abc\n");
        write("sys/cpuacct/docker/abc/cpuacct.usage", "9\n");
        write("sys/memory/docker/abc/memory.usage_in_bytes", "200\n");
        write("sys/memory/docker/abc/memory.stat", "total_rss 100\ntotal_inactive_file 300\n");
        assertThat(cgroups().of(7)).contains(new Usage(9, 200, 0, 100));
    }

    @Test
    void aProcessThatEndedHasNone() {
        assertThat(cgroups().of(8)).isEmpty();
    }
}
