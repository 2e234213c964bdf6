package io.quarterdeck.system.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import io.quarterdeck.system.harness.Told;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a machine may lack, on a machine that has it all: what is to be missing is covered by a mount that only the
 * program under test sees.
 */
@Tag("docker")
class FailuresIT {
    private static final String NO_APT = cover("apt-get");

    private final Instance instance = new Instance("failures");

    @BeforeAll
    static void onlyRootMounts() {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount: skipped");
    }

    @AfterEach
    void reset() {
        instance.close();
    }

    /** Makes a program look as if it were not installed. */
    private static String cover(String program) {
        return "for d in $(echo \"$PATH:/usr/local/sbin:/usr/sbin:/sbin\" | tr : ' '); do " + "[ ! -x $d/" + program
                + " ] || mount --bind /dev/null $d/" + program + "; done; ";
    }

    /** Runs {@code quarterdeck up} where these mounts were made before. */
    private Commands.Result upAfter(String mounts) {
        return shell(mounts + "exec " + String.join(" ", up()));
    }

    private List<String> up() {
        return instance.line("up", "--port", Integer.toString(instance.port()));
    }

    private Commands.Result shell(String script) {
        return instance.commands()
                .run(
                        Duration.ofMinutes(1),
                        "",
                        List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", script));
    }

    @Test
    void noJdkAndNoApt() {
        Told.told(
                () -> upAfter(NO_APT + "mount -t tmpfs none /usr/lib/jvm; mount -t tmpfs none /opt; "
                        + "unset JAVA_HOME QUARTERDECK_JAVA_HOME; "),
                "no JDK 25 or newer found",
                "QUARTERDECK_JAVA_HOME=/path/to/jdk-25 ");
    }

    @Test
    void noSuchJdk() {
        Told.told(
                () -> shell("QUARTERDECK_JAVA_HOME=/nowhere exec " + String.join(" ", up())),
                "QUARTERDECK_JAVA_HOME (/nowhere) is no JDK 25 or newer",
                "unset QUARTERDECK_JAVA_HOME");
    }

    @Test
    void noDockerAndNoApt() {
        Told.told(
                () -> upAfter(NO_APT + cover("dockerd") + "mount -t tmpfs none /run; "),
                "there is no Docker engine and no apt to install it",
                "up --components api");
    }

    @Test
    void dockerTooOld() throws IOException {
        Path socket = instance.home().resolve("docker.sock");
        try (var engine = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            engine.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofVirtual().start(() -> answer(engine, "{\"Version\":\"19.03.15\"}"));
            Told.told(
                    () -> upAfter("mount -t tmpfs none /run; touch /run/docker.sock; mount --bind " + socket
                            + " /run/docker.sock; "),
                    "Docker engine 19.03.15 is too old, 20.10 is needed",
                    "apt-get install docker.io");
        }
    }

    private static void answer(ServerSocketChannel engine, String body) {
        while (engine.isOpen()) {
            try (var connection = engine.accept()) {
                connection.read(ByteBuffer.allocate(1024));
                connection.write(
                        ByteBuffer.wrap(("HTTP/1.0 200 OK\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII)));
            } catch (IOException e) {
                // Closed at the end of the test, or the client went away.
            }
        }
    }

    @Test
    void diskNearlyFull() {
        Told.told(
                () -> upAfter("mkdir -p " + instance.data() + " && mount -t tmpfs -o size=10m none " + instance.data()
                        + "; "),
                "is nearly full",
                "");
    }

    @Test
    void notRoot() {
        shell("chmod 711 " + instance.home() + "; mkdir -p " + instance.data() + "; chown nobody " + instance.data())
                .good();
        String asNobody = "setpriv --reuid=nobody --regid=nogroup --clear-groups ";
        assumeTrue(
                shell(asNobody + "test -r " + up().getFirst()).status() == 0,
                "others than root may not read the repository: skipped");
        Told.told(
                () -> shell("exec " + asNobody + String.join(" ", up())),
                "only root may run pods and Services on this machine",
                "sudo ");
    }

    @Test
    void anotherInstanceRunsPods() {
        Instance running = Cluster.shared();
        Told.told(
                () -> shell("exec " + String.join(" ", up())),
                "another instance runs pods on this machine (data " + running.data() + ")",
                "down --data " + running.data());
    }

    @Test
    void theSameInstanceRunsOnAnotherPort() {
        Instance running = Cluster.shared();
        Told.told(
                () -> running.quarterdeck("up", "--port", Integer.toString(instance.port())),
                "already runs, with port " + running.port(),
                "up --port " + instance.port());
    }
}
