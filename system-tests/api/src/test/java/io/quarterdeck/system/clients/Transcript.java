package io.quarterdeck.system.clients;

import io.quarterdeck.system.harness.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a user's shell shows for a list of commands: each command, its output, its messages and its exit code, with
 * everything that varies between two runs (times, ages, uids, addresses, generated names) replaced by a placeholder.
 * Two API servers are alike to a client when their transcripts are equal.
 */
final class Transcript {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** One command as it was run. */
    record Step(String command, List<String> lines) {}

    /** A pattern and what stands for each of its matches. */
    private record Mask(Pattern pattern, String placeholder) {
        static Mask of(String pattern, String placeholder) {
            return new Mask(Pattern.compile(pattern, Pattern.MULTILINE), placeholder);
        }

        String apply(String text) {
            return pattern.matcher(text).replaceAll(placeholder);
        }
    }

    private static final String SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]{5}";
    private static final List<Mask> MASKS = List.of(
            Mask.of("\\x1b\\[[0-9;]*m", ""),
            Mask.of("eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+", "<token>"),
            Mask.of("\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b", "<uid>"),
            Mask.of("\\b\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)", "<time>"),
            Mask.of("\\b[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}", "<time>"),
            Mask.of("\\b\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d+)?( [+-]\\d{4})?( UTC)?", "<time>"),
            Mask.of("((?:resourceVersion|Resource Version)[\\\\\"]*: *)[\\\\\"]*\\d+[\\\\\"]*", "$1<rv>"),
            Mask.of("(resource version to be \\d+, was )\\d+", "$1<rv>"),
            Mask.of("^([IWE])\\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d+ +\\d+ ", "$1 "),
            // When its own time is up, kubectl closes its watch and stops reading. One time in seventy, with any
            // server, it notices the first before the second and complains.
            Mask.of(
                    "^W reflector.*: Unexpected watch close - watch lasted less than a second and no items received\n",
                    ""),
            Mask.of("https://(127\\.0\\.0\\.1|localhost):\\d+", "https://<server>"),
            Mask.of("/tmp/(LIVE|MERGED)-\\d+", "/tmp/$1"),
            Mask.of("/tmp/kubectl-[a-z0-9.-]+", "/tmp/kubectl-file"),
            Mask.of("\\b10\\.96\\.\\d+\\.\\d+\\b", "<ip>"),
            Mask.of("(?<=[:/ ])3[0-2]\\d{3}(?=/|,|$)", "<port>"),
            Mask.of("(?<=-)" + SUFFIX + "(?=$|[^a-z0-9-])", "<suffix>"),
            Mask.of("(?<= {2}|\\t)(\\d+y)?(\\d+d)?(\\d+h)?(\\d+m)?\\d+s?(?<=[smhdy])(?= *$| {2,})", "<age>"),
            Mask.of("(?<=\\S) {2,}(?=\\S)", "  "),
            Mask.of("[ \\t]+$", ""));

    private Transcript() {}

    /**
     * Runs the commands of a scenario in order.
     *
     * @param scenario one command a line; blank lines and those that start with # are left out
     * @param directory where the commands run; the files that they name are there
     * @param namespace shown as {@code <ns>}
     */
    static List<Step> run(List<String> scenario, Commands shell, Path directory, String namespace) {
        List<Step> steps = new ArrayList<>();
        for (String command : scenario) {
            if (command.isBlank() || command.startsWith("#")) {
                continue;
            }
            Commands.Result result =
                    shell.run(PATIENCE, "", List.of("bash", "-c", "cd '" + directory + "' || exit; " + command));
            steps.add(new Step(command, lines(result, namespace)));
        }
        return steps;
    }

    private static List<String> lines(Commands.Result result, String namespace) {
        // As a word of its own: the digits of a temporary file may begin as a namespace's do.
        Mask named = Mask.of("(?<![a-z0-9])" + Pattern.quote(namespace) + "(?![a-z0-9])", "<ns>");
        List<String> lines = new ArrayList<>();
        mask(named.apply(result.out())).lines().forEach(lines::add);
        mask(named.apply(result.err())).lines().forEach(line -> lines.add("! " + line));
        if (result.status() != 0) {
            lines.add("[" + result.status() + "]");
        }
        return lines;
    }

    static String mask(String text) {
        String masked = text;
        for (Mask mask : MASKS) {
            masked = mask.apply(masked);
        }
        return masked;
    }

    static void write(Path file, List<Step> steps) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Step step : steps) {
            lines.add("$ " + step.command());
            lines.addAll(step.lines());
        }
        Files.createDirectories(file.getParent());
        Files.write(file, lines);
    }

    static List<Step> read(Path file) throws IOException {
        List<Step> steps = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("$ ")) {
                steps.add(new Step(line.substring(2), new ArrayList<>()));
            } else {
                steps.getLast().lines().add(line);
            }
        }
        return steps;
    }

    /** The steps whose output differs, each as the command and a line-by-line comparison. */
    static List<String> differences(List<Step> expected, List<Step> seen) {
        Map<String, List<String>> differences = new LinkedHashMap<>();
        for (int i = 0; i < Math.max(expected.size(), seen.size()); i++) {
            Step left = i < expected.size() ? expected.get(i) : new Step("(no such step)", List.of());
            Step right = i < seen.size() ? seen.get(i) : new Step("(no such step)", List.of());
            if (!left.equals(right)) {
                differences.put(right.command() + " (" + (i + 1) + ")", LineDiff.of(left.lines(), right.lines()));
            }
        }
        return differences.entrySet().stream()
                .map(entry -> "$ " + entry.getKey() + "\n  " + String.join("\n  ", entry.getValue()))
                .toList();
    }
}
