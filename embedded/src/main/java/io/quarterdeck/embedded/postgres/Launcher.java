package io.quarterdeck.embedded.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a PostgreSQL program is started: it refuses to run as root, so root steps down first. The programs run in a
 * session of their own, so that a Ctrl-C meant for the JVM does not stop the database under it.
 */
sealed interface Launcher {
    /**
     * The user that owns the data when the JVM runs as root. A number without a name on purpose: no account has to be
     * made or removed, and no container image or daemon shares it (it lies in the range that systemd leaves unused).
     */
    int SERVER_UID = 60918;

    /** initdb, unlike the server, wants its user to have a name; the data is handed over when it is done. */
    int NOBODY_UID = 65534;

    /** The command that runs {@code program} of the binaries with {@code arguments}, as the user {@code uid} where that matters. */
    List<String> command(int uid, String program, List<String> arguments);

    /** Where the started program sees what this JVM calls {@code path}, which lies in the working directory. */
    String seen(Path path);

    /** Whether data must be given to {@link #SERVER_UID}. */
    boolean stepsDown();

    static Launcher choose(Path binaries, Path directory) throws IOException {
        if ((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) {
            return new SameUser(binaries);
        }
        boolean reachable = Directories.reachableByAnyone(binaries) && Directories.reachableByAnyone(directory);
        return reachable ? new OtherUser(binaries) : new OtherUserInPrivateMounts(binaries, directory);
    }

    /** The JVM is not root: nothing to step down from. */
    record SameUser(Path binaries) implements Launcher {
        @Override
        public List<String> command(int uid, String program, List<String> arguments) {
            var command = new ArrayList<>(
                    List.of("setsid", binaries.resolve("bin").resolve(program).toString()));
            command.addAll(arguments);
            return command;
        }

        @Override
        public String seen(Path path) {
            return path.toString();
        }

        @Override
        public boolean stepsDown() {
            return false;
        }
    }

    /** The JVM is root: another user, with no capability and no way to get one. */
    record OtherUser(Path binaries) implements Launcher {
        @Override
        public List<String> command(int uid, String program, List<String> arguments) {
            var command = new ArrayList<>(List.of("setsid"));
            command.addAll(stepDown(uid));
            command.add(binaries.resolve("bin").resolve(program).toString());
            command.addAll(arguments);
            return command;
        }

        @Override
        public String seen(Path path) {
            return path.toString();
        }

        @Override
        public boolean stepsDown() {
            return true;
        }

        static List<String> stepDown(int uid) {
            return List.of(
                    "setpriv",
                    "--reuid=" + uid,
                    "--regid=" + uid,
                    "--clear-groups",
                    "--no-new-privs",
                    "--inh-caps=-all",
                    "--bounding-set=-all");
        }
    }

    /**
     * The JVM is root and the data lies below a directory that only root may enter (root's home, say): the server sees
     * its directories under /mnt, in mounts that nobody else sees and that end with it.
     */
    record OtherUserInPrivateMounts(Path binaries, Path directory) implements Launcher {
        private static final String SCRIPT = "mount -t tmpfs -o mode=0755,size=64k quarterdeck /mnt"
                + " && mkdir /mnt/programs /mnt/run"
                + " && mount --bind \"$1\" /mnt/programs && mount --bind \"$2\" /mnt/run"
                + " && shift 2 && exec \"$@\"";

        @Override
        public List<String> command(int uid, String program, List<String> arguments) {
            var command = new ArrayList<>(List.of(
                    "setsid", "unshare", "--mount", "--propagation", "private", "sh", "-c", SCRIPT, "postgres-mounts"));
            command.add(binaries.toString());
            command.add(directory.toString());
            command.addAll(OtherUser.stepDown(uid));
            command.add("/mnt/programs/bin/" + program);
            command.addAll(arguments);
            return command;
        }

        @Override
        public String seen(Path path) {
            return "/mnt/run/" + directory.relativize(path);
        }

        @Override
        public boolean stepsDown() {
            return true;
        }
    }
}
