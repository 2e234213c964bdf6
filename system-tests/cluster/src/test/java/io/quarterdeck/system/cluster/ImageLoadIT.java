package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Told;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images come by archive or are in the engine already; no cluster is needed for that. */
@Tag("docker")
class ImageLoadIT {
    private static final String IMAGE = "quarterdeck-test/loaded:once";

    @TempDir
    Path directory;

    private final Commands commands = new Commands(Map.of(
            "QUARTERDECK_JAVA_HOME",
            System.getProperty("java.home"),
            "QUARTERDECK_NO_BUILD",
            Files.exists(Path.of("../../standalone/target/app/standalone.jar")) ? "1" : ""));

    private Commands.Result run(String... command) {
        return commands.run(Duration.ofMinutes(1), "", List.of(command));
    }

    private Commands.Result load(String source) {
        return run(Path.of("../../quarterdeck").toAbsolutePath().normalize().toString(), "image", "load", source);
    }

    @Test
    void anArchiveIsLoadedANameIsFoundAndNothingElseIsTaken() throws IOException {
        Path root = Files.writeString(directory.resolve("file"), "content");
        Path layer = directory.resolve("layer.tar");
        run(
                        "tar",
                        "-C",
                        directory.toString(),
                        "-cf",
                        layer.toString(),
                        root.getFileName().toString())
                .good();
        run("docker", "import", layer.toString(), IMAGE).good();
        Path archive = directory.resolve("image.tar");
        run("docker", "save", "-o", archive.toString(), IMAGE).good();
        run("docker", "rmi", IMAGE).good();
        try {
            Told.told(() -> load(IMAGE), "there is no file and no image \"" + IMAGE + "\"", "docker pull " + IMAGE);
            assertThat(load(archive.toString()).good()).isEqualTo("loaded " + IMAGE + "\n");
            assertThat(load(IMAGE).good()).isEqualTo(IMAGE + ": there, pods can use it\n");
            Path garbage = Files.writeString(directory.resolve("garbage"), "no archive");
            Told.told(() -> load(garbage.toString()), "is no archive of images", "docker save");
        } finally {
            run("docker", "rmi", IMAGE);
        }
    }
}
