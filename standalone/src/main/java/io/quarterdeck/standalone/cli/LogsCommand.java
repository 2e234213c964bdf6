package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.instance.Instance;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the log of everything or of one part, or packs all of them into an archive. */
@Command(name = "logs", description = "show the log of all or of one part; \"logs export\" packs all into an archive")
final class LogsCommand implements Callable<Integer> {
    private static final String EXPORT = "export";

    @Mixin
    InstanceOptions options = new InstanceOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "COMPONENT",
            description = "api, controllers, scheduler, node, proxy, kafka, postgres, dockerd, server; or export")
    String component = "quarterdeck";

    @Option(
            names = {"-f", "--follow"},
            description = "go on as the log grows")
    boolean follow;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instance instance = options.instance();
        Map<String, Path> files = files(instance);
        if (component.equals(EXPORT)) {
            export(instance, files);
            return 0;
        }
        Path file = files.get(component);
        if (file == null) {
            throw new Failure(
                    "there is no log of \"" + component + "\" (there are: " + String.join(", ", files.keySet()) + ")",
                    QuarterdeckCommand.command() + " logs" + options.repeat());
        }
        show(file);
        return 0;
    }

    private static Map<String, Path> files(Instance instance) throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        for (Path file : instance.logFiles()) {
            String name = file.getFileName().toString();
            files.put(
                    name.endsWith(".log") ? name.substring(0, name.length() - 4) : name.replace("server.out", "server"),
                    file);
        }
        Path postgres = instance.postgres().resolve("postgres.log");
        if (Files.exists(postgres)) {
            files.put("postgres", postgres);
        }
        if (files.isEmpty()) {
            throw new Failure("there are no logs in " + instance.logs(), QuarterdeckCommand.command() + " up");
        }
        return files;
    }

    private void show(Path file) throws IOException, InterruptedException {
        byte[] buffer = new byte[1 << 16];
        long position = 0;
        while (true) {
            long size = Files.size(file);
            // A file that shrank is a new one: the log was rolled.
            position = size < position ? 0 : position;
            try (var in = Files.newByteChannel(file).position(position)) {
                var bytes = ByteBuffer.wrap(buffer);
                for (int n = in.read(bytes); n > 0; n = in.read(bytes.clear())) {
                    System.out.write(buffer, 0, n);
                    position += n;
                }
            }
            System.out.flush();
            if (!follow || System.out.checkError()) {
                return;
            }
            Thread.sleep(200);
        }
    }

    private static void export(Instance instance, Map<String, Path> files) throws IOException {
        String stamp = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
        Path archive = Path.of("quarterdeck-logs-" + stamp + ".tar.gz").toAbsolutePath();
        Files.createFile(archive, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (OutputStream out = Files.newOutputStream(archive);
                var tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Map.Entry<String, Path> file : files.entrySet()) {
                add(tar, file.getValue().getFileName().toString(), Files.readAllBytes(file.getValue()));
            }
            add(
                    tar,
                    "state",
                    instance.state().all().toString().replace(", ", "\n").getBytes(StandardCharsets.UTF_8));
            add(
                    tar,
                    "versions",
                    (VersionCommand.build() + "\n" + Runtime.version() + "\n" + System.getProperty("os.name") + " "
                                    + System.getProperty("os.version") + "\n")
                            .getBytes(StandardCharsets.UTF_8));
        }
        System.out.println(archive);
    }

    private static void add(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        var entry = new TarArchiveEntry("quarterdeck-logs/" + name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
