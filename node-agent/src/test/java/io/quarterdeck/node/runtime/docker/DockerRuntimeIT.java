package io.quarterdeck.node.runtime.docker;

import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.ContainerRuntimeContract;
import java.net.URI;
import org.junit.jupiter.api.Tag;

@Tag("docker")
class DockerRuntimeIT extends ContainerRuntimeContract {

    @Override
    protected ContainerRuntime runtime(String instance) {
        return DockerRuntime.connect(URI.create("unix:///var/run/docker.sock"), instance);
    }
}
