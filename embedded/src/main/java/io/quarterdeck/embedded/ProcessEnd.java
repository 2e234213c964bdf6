package io.quarterdeck.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * When a process that is no child of this one has ended. Linux keeps a dead process in its list until the parent has asked
 * for it, which the init of a container may do late or never, and {@link ProcessHandle} takes such a one for alive (proc(5):
 * state Z). Thread-safe.
 */
public final class ProcessEnd {
    private static final Duration PAUSE = Duration.ofMillis(20);
    // As proc_pid_stat(5) counts them, behind the name, which may hold blanks.
    private static final int STATE = 0;
    private static final int THREADS = 17;

    private ProcessEnd() {}

    /** Whether it ended within this time. An interrupt ends the wait and stays set. */
    public static boolean await(ProcessHandle process, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!hasEnded(process)) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return hasEnded(process);
            }
        }
        return true;
    }

    /** Whether nothing of it runs any more. */
    public static boolean hasEnded(ProcessHandle process) {
        if (!process.isAlive()) {
            return true;
        }
        try {
            return isDead(Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat")));
        } catch (IOException gone) {
            return !process.isAlive();
        }
    }

    /** The first thread may be dead while others still hold the process's files. */
    static boolean isDead(String stat) {
        String[] words = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        return words.length > THREADS
                && (words[STATE].equals("Z") || words[STATE].equals("X"))
                && Integer.parseInt(words[THREADS]) <= 1;
    }
}
