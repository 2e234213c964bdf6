package io.quarterdeck.standalone.cli;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.LoadResponseItem;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.quarterdeck.standalone.checks.LocalMachine;
import io.quarterdeck.standalone.instance.DockerHost;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The images of the engine that the node runs its pods on. */
final class DockerImages implements AutoCloseable {
    private final DockerClient client;

    /** @param options of the instance whose start would bring an engine */
    DockerImages(InstanceOptions options) {
        DockerHost host = DockerHost.of(options.instance());
        if (new LocalMachine(host).dockerVersion().isEmpty()) {
            throw new Failure(
                    host.equals(DockerHost.USUAL)
                            ? "no Docker engine answers on this machine"
                            : "no Docker engine answers at " + host,
                    QuarterdeckCommand.command() + " up" + options.repeat());
        }
        var config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(host.toString())
                .withApiVersion("1.41")
                .build();
        client = DockerClientImpl.getInstance(
                config,
                new ZerodepDockerHttpClient.Builder().dockerHost(host.uri()).build());
    }

    boolean has(String name) {
        try {
            client.inspectImageCmd(name).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }

    /** Loads an archive as {@code docker save} writes it, and returns the names of what it holds. */
    Set<String> load(Path archive) throws IOException, InterruptedException {
        var loaded = new Loaded();
        try (InputStream in = Files.newInputStream(archive)) {
            client.loadImageAsyncCmd(in).exec(loaded).awaitCompletion();
        } catch (DockerException e) {
            loaded.failed = true;
        }
        if (loaded.failed || loaded.names.isEmpty()) {
            throw new Failure(archive + " is no archive of images", "docker save IMAGE -o " + archive);
        }
        return loaded.names;
    }

    /** What the engine tells while it loads. It answers 200 before it has read the archive, and tells failures here. */
    private static final class Loaded extends ResultCallback.Adapter<LoadResponseItem> {
        private static final Pattern NAME = Pattern.compile("Loaded image(?: ID)?: (\\S+)");

        private final Set<String> names = Collections.synchronizedSet(new TreeSet<>());
        private volatile boolean failed;

        @Override
        public void onNext(LoadResponseItem item) {
            failed |= item.isErrorIndicated();
            if (item.getStream() != null) {
                NAME.matcher(item.getStream())
                        .results()
                        .map(match -> match.group(1))
                        .forEach(names::add);
            }
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
