package io.quarterdeck.standalone.cli;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.quarterdeck.standalone.checks.LocalMachine;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The images of the engine that the node runs its pods on. */
final class DockerImages implements AutoCloseable {
    private final DockerClient client;

    /** @param options of the instance whose start would bring an engine */
    DockerImages(InstanceOptions options) {
        if (new LocalMachine().dockerVersion().isEmpty()) {
            throw new Failure(
                    "no Docker engine answers on this machine",
                    QuarterdeckCommand.command() + " up" + options.repeat());
        }
        var config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost("unix:///var/run/docker.sock")
                .withApiVersion("1.41")
                .build();
        client = DockerClientImpl.getInstance(
                config,
                new ZerodepDockerHttpClient.Builder()
                        .dockerHost(URI.create("unix:///var/run/docker.sock"))
                        .build());
    }

    boolean has(String name) {
        try {
            client.inspectImageCmd(name).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }

    /** Loads an archive as {@code docker save} writes it, and returns the names that are new. */
    Set<String> load(Path archive) throws IOException {
        Set<String> before = names();
        try (InputStream in = Files.newInputStream(archive)) {
            client.loadImageCmd(in).exec();
        } catch (DockerException e) {
            throw new Failure(archive + " is no archive of images", "docker save IMAGE -o " + archive);
        }
        Set<String> after = names();
        after.removeAll(before);
        return after;
    }

    private Set<String> names() {
        return client.listImagesCmd().exec().stream()
                .filter(image -> image.getRepoTags() != null)
                .flatMap(image -> Set.of(image.getRepoTags()).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
