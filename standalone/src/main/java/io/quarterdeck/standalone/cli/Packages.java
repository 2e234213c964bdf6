package io.quarterdeck.standalone.cli;

import java.util.ArrayList;
import java.util.List;

/** Installs packages by apt. */
final class Packages {
    private Packages() {}

    static void install(List<String> packages, Console console) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("apt-get", "install", "-y", "--no-install-recommends"));
        command.addAll(packages);
        Runnable alive = () -> console.alive("apt-get install");
        if (!Shell.run(command, alive).good()) {
            // The lists may be missing (fresh images) or out of date.
            Shell.run(List.of("apt-get", "update"), () -> console.alive("apt-get update"));
            Shell.Result second = Shell.run(command, alive);
            if (!second.good()) {
                throw new Failure(
                        "apt could not install " + String.join(" ", packages) + ": " + second.lastLine(),
                        "apt-get install " + String.join(" ", packages));
            }
        }
    }
}
