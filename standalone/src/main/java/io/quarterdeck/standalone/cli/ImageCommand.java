package io.quarterdeck.standalone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Images for the node. */
@Command(name = "image", description = "images for pods", subcommands = ImageCommand.Load.class)
final class ImageCommand implements Runnable {
    @Override
    public void run() {
        throw new Failure("image needs a command", QuarterdeckCommand.command() + " image load NAME...|FILE");
    }

    /** Makes images usable by pods: archives are loaded; names must be in this machine's Docker, which the node uses. */
    @Command(
            name = "load",
            description = "load an archive of docker save, or see that images of this machine's Docker are there")
    static final class Load implements Callable<Integer> {
        @Mixin
        InstanceOptions options = new InstanceOptions();

        @Parameters(arity = "1..*", paramLabel = "NAME|FILE", description = "names in Docker, or archives")
        List<String> sources = List.of();

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (var images = new DockerImages(options)) {
                for (String source : sources) {
                    Path file = Path.of(source);
                    if (Files.isRegularFile(file)) {
                        System.out.println("loaded " + String.join(" ", images.load(file)));
                    } else if (images.has(source)) {
                        System.out.println(source + ": there, pods can use it");
                    } else {
                        throw new Failure("there is no file and no image \"" + source + "\"", "docker pull " + source);
                    }
                }
            }
            return 0;
        }
    }
}
