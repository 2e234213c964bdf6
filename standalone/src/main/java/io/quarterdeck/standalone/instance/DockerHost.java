package io.quarterdeck.standalone.instance;

import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The engine that runs the pods, as {@code quarterdeck.node.docker-host} names it. Plain Java, since the checks before the
 * first build ask too.
 *
 * @param uri {@code unix:///…}
 */
public record DockerHost(URI uri) {
    public static final String PROPERTY = "quarterdeck.node.docker-host";
    public static final DockerHost USUAL = new DockerHost(URI.create("unix:///var/run/docker.sock"));

    /** What the settings of this process say. */
    public static DockerHost configured() {
        return Stream.of(
                        System.getProperty(PROPERTY),
                        System.getenv("QUARTERDECK_NODE_DOCKERHOST"),
                        System.getenv("QUARTERDECK_NODE_DOCKER_HOST"))
                .filter(Objects::nonNull)
                .filter(text -> !text.isBlank())
                .findFirst()
                .map(text -> new DockerHost(URI.create(text.strip())))
                .orElse(USUAL);
    }

    /** What the instance's node was started with; what the settings say when it never was. */
    public static DockerHost of(Instance instance) {
        return instance.state()
                .get(InstanceState.DOCKER_HOST)
                .map(text -> new DockerHost(URI.create(text)))
                .orElseGet(DockerHost::configured);
    }

    public Path socket() {
        return Path.of(uri.getPath());
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
