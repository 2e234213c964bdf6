package io.quarterdeck.standalone.checks;

import io.quarterdeck.standalone.instance.DockerHost;
import io.quarterdeck.standalone.instance.NodeLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The machine that this JVM runs on. */
public final class LocalMachine implements Machine {
    private static final Pattern VERSION = Pattern.compile("\"Version\":\"([^\"]+)\"");

    private final DockerHost docker;

    public LocalMachine() {
        this(DockerHost.configured());
    }

    public LocalMachine(DockerHost docker) {
        this.docker = docker;
    }

    @Override
    public boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    @Override
    public int javaFeature() {
        return Runtime.version().feature();
    }

    @Override
    public String javaHome() {
        return System.getProperty("java.home");
    }

    @Override
    public long usableSpace(Path path) {
        try {
            return Files.getFileStore(existing(path)).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot measure the disk of " + path, e);
        }
    }

    @Override
    public boolean writable(Path path) {
        Path existing = existing(path);
        return Files.isDirectory(existing) && Files.isWritable(existing);
    }

    private static Path existing(Path path) {
        Path p = path.toAbsolutePath();
        while (!Files.exists(p) && p.getParent() != null) {
            p = p.getParent();
        }
        return p;
    }

    @Override
    public boolean hasProgram(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("") + ":/usr/local/sbin:/usr/sbin:/sbin";
        return Arrays.stream(path.split(":"))
                .filter(directory -> !directory.isEmpty())
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public boolean portFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** From /proc: the socket's inode in net/tcp, then the process that holds it. */
    @Override
    public Optional<String> listener(int port) {
        String wanted = String.format(":%04X", port);
        try (Stream<String> lines =
                Stream.concat(Files.lines(Path.of("/proc/net/tcp")), Files.lines(Path.of("/proc/net/tcp6")))) {
            Optional<String> inode = lines.map(line -> line.strip().split("\\s+"))
                    .filter(columns -> columns.length > 9 && columns[1].endsWith(wanted) && columns[3].equals("0A"))
                    .map(columns -> columns[9])
                    .findFirst();
            return inode.flatMap(LocalMachine::holder);
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> holder(String inode) {
        String link = "socket:[" + inode + "]";
        return ProcessHandle.allProcesses()
                .filter(process -> holds(process.pid(), link))
                .map(process -> process.info()
                        .command()
                        .map(command -> Path.of(command).getFileName() + " (process " + process.pid() + ")")
                        .orElse("process " + process.pid()))
                .findFirst();
    }

    private static boolean holds(long pid, String link) {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return files.anyMatch(file -> {
                try {
                    return Files.readSymbolicLink(file).toString().equals(link);
                } catch (IOException e) {
                    return false;
                }
            });
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    @Override
    public Optional<Path> nodeHolder() {
        return new NodeLock().holder();
    }

    @Override
    public DockerHost dockerHost() {
        return docker;
    }

    @Override
    public Optional<String> dockerVersion() {
        if (!Files.exists(docker.socket())) {
            return Optional.empty();
        }
        // An engine that hangs must not hang the check.
        var answer = CompletableFuture.supplyAsync(this::askDocker);
        try {
            return answer.orTimeout(2, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            return Optional.empty();
        }
    }

    private Optional<String> askDocker() {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(docker.socket()));
            channel.write(ByteBuffer.wrap(
                    "GET /version HTTP/1.0\r\nHost: docker\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            var answer = new StringBuilder();
            var buffer = ByteBuffer.allocate(8192);
            while (channel.read(buffer) >= 0) {
                answer.append(StandardCharsets.UTF_8.decode(buffer.flip()));
                buffer.clear();
            }
            // The engine's own version stands after those of its components.
            String last = null;
            Matcher matcher = VERSION.matcher(answer);
            while (matcher.find()) {
                last = matcher.group(1);
            }
            return Optional.ofNullable(last);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
