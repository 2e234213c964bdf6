package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.instance.Instance;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which instance is meant. */
final class InstanceOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "directory of the instance (default: /var/lib/quarterdeck for root, else ~/.local/share/quarterdeck)")
    @Nullable Path data;

    Instance instance() {
        return new Instance(data == null ? Instance.usualDirectory() : data);
    }

    /** The option as the user would have to repeat it in another command. */
    String repeat() {
        return data == null ? "" : " --data " + data;
    }
}
