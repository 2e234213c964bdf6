package io.quarterdeck.system.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.embedded.ProcessEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Quarterdeck that a test starts by {@code ./quarterdeck up}, with its own data, port, HOME and kubeconfig. */
public final class Instance implements AutoCloseable {
    private static final Path REPOSITORY = Path.of("../..").toAbsolutePath().normalize();
    private static final String PROGRAM = REPOSITORY.resolve("quarterdeck").toString();
    private static final Duration UP = Duration.ofMinutes(10);

    private final Path home;
    private final int port;
    private final Commands commands;

    /** @param prefix of the directory, to tell instances apart in /tmp */
    public Instance(String prefix) {
        this(prefix, Map.of());
    }

    /**
     * @param prefix of the directory, to tell instances apart in /tmp
     * @param settings environment variables of the server, Spring's way
     */
    public Instance(String prefix, Map<String, String> settings) {
        try {
            this.home = Files.createTempDirectory("quarterdeck-" + prefix + "-");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        this.port = LanePorts.next();
        Map<String, String> environment = new LinkedHashMap<>(settings);
        environment.put("HOME", home.toString());
        environment.put("KUBECONFIG", home.resolve("kubeconfig").toString());
        environment.put("QUARTERDECK_JAVA_HOME", System.getProperty("java.home"));
        if (Files.exists(REPOSITORY.resolve("standalone/target/app/standalone.jar"))) {
            environment.put("QUARTERDECK_NO_BUILD", "1");
        }
        this.commands = new Commands(environment);
    }

    public Path home() {
        return home;
    }

    public Path data() {
        return home.resolve("data");
    }

    public int port() {
        return port;
    }

    public int shifted(int usual) {
        return usual + port - 6443;
    }

    public String server() {
        return "https://127.0.0.1:" + port;
    }

    /** Runs {@code ./quarterdeck} with the instance's --data appended. */
    public Commands.Result quarterdeck(String... arguments) {
        return commands.run(UP, "", line(arguments));
    }

    /** Runs {@code ./quarterdeck} with these arguments alone. */
    public Commands.Result program(String... arguments) {
        return commands.run(
                UP, "", Stream.concat(Stream.of(PROGRAM), Stream.of(arguments)).toList());
    }

    /** Starts {@code ./quarterdeck} with the instance's --data; the caller ends it. */
    public Process start(Path output, String... arguments) throws IOException {
        return commands.start(output, line(arguments));
    }

    /** The command line of {@code ./quarterdeck} with the instance's --data appended. */
    public List<String> line(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(PROGRAM);
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data", data().toString()));
        return command;
    }

    public Commands.Result up(String... more) {
        List<String> arguments = new ArrayList<>(List.of("up", "--port", Integer.toString(port)));
        arguments.addAll(List.of(more));
        return quarterdeck(arguments.toArray(String[]::new));
    }

    public Commands commands() {
        return commands;
    }

    /** Runs kubectl with its arguments as one string, split at blanks; single quotes keep blanks. */
    public Commands.Result kubectl(String arguments) {
        return kubectl("", Duration.ofMinutes(3), arguments);
    }

    public Commands.Result kubectl(String input, Duration patience, String arguments) {
        List<String> command = new ArrayList<>(List.of("kubectl"));
        command.addAll(words(arguments));
        return commands.run(patience, input, command);
    }

    public static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        var matcher = Pattern.compile("'([^']*)'|(\\S+)").matcher(line);
        while (matcher.find()) {
            words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        return words;
    }

    /** One line of what the instance says about itself. */
    public Optional<String> state(String name) {
        var properties = new Properties();
        try (var in = Files.newInputStream(data().resolve("state"))) {
            properties.load(in);
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.ofNullable(properties.getProperty(name));
    }

    /** kill -9 of the server. */
    public void kill() {
        ProcessHandle server = process();
        server.destroyForcibly();
        assertThat(ProcessEnd.await(server, Duration.ofMinutes(1)))
                .as("a killed server ends")
                .isTrue();
    }

    /** Makes the server and its database deaf to everything but a kill. */
    public void freeze() {
        ProcessHandle server = process();
        List<String> command = new ArrayList<>(List.of("kill", "-STOP"));
        Stream.concat(Stream.of(server), server.descendants())
                .forEach(process -> command.add(Long.toString(process.pid())));
        commands.run(Duration.ofSeconds(10), "", command).good();
    }

    private ProcessHandle process() {
        return ProcessHandle.of(Long.parseLong(state("pid").orElseThrow())).orElseThrow();
    }

    @Override
    public void close() {
        if (Files.exists(data())) {
            quarterdeck("reset").good();
        }
        commands.run(Duration.ofMinutes(1), "", List.of("rm", "-rf", home.toString()));
    }
}
