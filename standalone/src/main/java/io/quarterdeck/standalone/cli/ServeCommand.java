package io.quarterdeck.standalone.cli;

import io.quarterdeck.embedded.Ports;
import io.quarterdeck.standalone.instance.PortPlan;
import io.quarterdeck.standalone.instance.Role;
import io.quarterdeck.standalone.server.Server;
import io.quarterdeck.standalone.server.ServerOptions;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The server process that {@code up} starts. */
@Command(name = "serve", hidden = true, description = "runs the server in this process")
final class ServeCommand implements Callable<Integer> {
    @Mixin
    InstanceOptions options = new InstanceOptions();

    @Option(names = "--port", defaultValue = "" + PortPlan.DEFAULT_API)
    int port;

    @Option(names = "--components", defaultValue = "api,controllers,scheduler,node,proxy")
    String components = "";

    @Option(names = "--token-auth-file")
    @Nullable Path tokenAuthFile;

    @Option(names = "--training", description = "ends when everything is up")
    boolean training;

    @Override
    public Integer call() {
        return new Server(new ServerOptions(
                        options.instance(),
                        port == 0 ? Ports.ANY.any() : port,
                        Role.parse(components),
                        Optional.ofNullable(tokenAuthFile),
                        training))
                .run();
    }
}
