package io.quarterdeck.node.runtime;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** As whom a process runs. */
public record ProcessUser(long uid, long gid, List<Long> supplementalGroups) {

    public ProcessUser {
        supplementalGroups = List.copyOf(supplementalGroups);
    }

    /** From the text of {@code /proc/PID/status}; empty when it does not say. */
    public static Optional<ProcessUser> parse(String status) {
        List<Long> uids = numbers(status, "Uid:");
        List<Long> gids = numbers(status, "Gid:");
        // Real, effective, saved, file system.
        return uids.size() < 2 || gids.size() < 2
                ? Optional.empty()
                : Optional.of(new ProcessUser(uids.get(1), gids.get(1), numbers(status, "Groups:")));
    }

    /**
     * By what the engine was asked for, for a process that has ended; empty when that names somebody of the image.
     *
     * @param user {@code uid[:gid]}; root when empty
     */
    public static Optional<ProcessUser> asked(String user, List<String> groups) {
        if (!user.matches("(\\d+(:\\d+)?)?") || !groups.stream().allMatch(group -> group.matches("\\d+"))) {
            return Optional.empty();
        }
        String[] parts = user.isEmpty() ? new String[] {"0"} : user.split(":");
        long gid = parts.length == 2 ? Long.parseLong(parts[1]) : 0;
        return Optional.of(new ProcessUser(
                Long.parseLong(parts[0]),
                gid,
                Stream.concat(Stream.of(gid), groups.stream().map(Long::valueOf))
                        .distinct()
                        .toList()));
    }

    private static List<Long> numbers(String status, String field) {
        return status.lines()
                .filter(line -> line.startsWith(field))
                .flatMap(line ->
                        Arrays.stream(line.substring(field.length()).strip().split("\\s+")))
                .filter(word -> !word.isEmpty())
                .map(Long::valueOf)
                .toList();
    }
}
