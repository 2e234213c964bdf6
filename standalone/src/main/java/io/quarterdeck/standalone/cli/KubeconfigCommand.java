package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.instance.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the administrator's kubeconfig. */
@Command(name = "kubeconfig", description = "print the administrator's kubeconfig")
final class KubeconfigCommand implements Callable<Integer> {
    @Mixin
    InstanceOptions options = new InstanceOptions();

    @Override
    public Integer call() throws IOException {
        Instance instance = options.instance();
        if (!Files.exists(instance.kubeconfig("admin"))) {
            throw new Failure(
                    "there is no cluster in " + instance.directory(),
                    QuarterdeckCommand.command() + " up" + options.repeat());
        }
        System.out.print(Files.readString(instance.kubeconfig("admin")));
        return 0;
    }
}
