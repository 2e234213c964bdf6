package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.instance.Instance;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Stops the instance; containers go on. */
@Command(name = "down", description = "stop the cluster; data and containers stay")
final class DownCommand implements Callable<Integer> {
    @Mixin
    InstanceOptions options = new InstanceOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instance instance = options.instance();
        long begun = System.nanoTime();
        boolean ran = ServerProcess.stop(instance);
        if (ran) {
            System.out.printf(
                    Locale.ROOT, "Stopped (%.1f s). Containers and data stay.%n", (System.nanoTime() - begun) / 1e9);
        } else {
            System.out.println("Nothing runs on " + instance.directory() + ".");
        }
        return 0;
    }
}
