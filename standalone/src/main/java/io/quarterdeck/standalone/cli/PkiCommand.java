package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.server.KeyMaterial;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keys, certificates and kubeconfigs for a cluster whose parts run apart (docs/guide, compose, the chart). */
@Command(
        name = "pki",
        description = "make keys, certificates and kubeconfigs for services that run apart (compose, Helm)")
final class PkiCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "where they go; what is there already is kept")
    Path directory = Path.of(".");

    @Option(
            names = "--server",
            paramLabel = "URL",
            defaultValue = "https://127.0.0.1:6443",
            description = "the API's address (default: ${DEFAULT-VALUE})")
    URI server = URI.create("");

    @Option(
            names = "--address",
            paramLabel = "NAME",
            description = "another name or address of the API server; may be repeated")
    List<String> addresses = List.of();

    @Option(names = "--node", paramLabel = "NAME", description = "a node; may be repeated")
    List<String> nodes = List.of();

    @Override
    public Integer call() {
        if (!"https".equals(server.getScheme()) || server.getHost() == null) {
            throw new Failure(
                    server + " is no https address",
                    QuarterdeckCommand.command() + " pki " + directory + " --server https://127.0.0.1:6443");
        }
        KeyMaterial.write(directory.toAbsolutePath().normalize(), server, addresses, nodes, Instant.now());
        System.out.println("keys and certificates in " + directory + ", valid for the API at " + server);
        return 0;
    }
}
