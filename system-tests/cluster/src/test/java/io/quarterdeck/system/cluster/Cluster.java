package io.quarterdeck.system.cluster;

import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** The one whole cluster that the system tests share; started at first use, reset when the JVM ends. */
final class Cluster {
    static final String V1 = "quarterdeck-test/web:v1";
    static final String V2 = "quarterdeck-test/web:v2";

    private static @Nullable Instance shared;
    private static Set<String> before = Set.of();

    private Cluster() {}

    static synchronized Instance shared() {
        Assumptions.assumeTrue(Commands.installed("kubectl"), "kubectl is not installed: skipped");
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root may run pods: skipped");
        if (shared == null) {
            Instance instance = new Instance("system");
            before = ResetIT.traces(instance);
            Runtime.getRuntime().addShutdownHook(new Thread(instance::close));
            instance.up().good();
            for (String version : List.of("v1", "v2")) {
                instance.commands()
                        .run(
                                Duration.ofMinutes(1),
                                "",
                                List.of(
                                        Path.of("src/test/image/build.sh")
                                                .toAbsolutePath()
                                                .toString(),
                                        "quarterdeck-test/web",
                                        version))
                        .good();
            }
            instance.quarterdeck("image", "load", V1, V2).good();
            shared = instance;
        }
        return shared;
    }

    /** What was on the machine before the cluster. */
    static Set<String> before() {
        return before;
    }

    /** Removes the cluster. Who asks for the shared one afterwards gets a new one. */
    static synchronized void reset() {
        shared().quarterdeck("reset").good();
        shared = null;
    }

    /** A namespace for one test class. */
    static String namespace(String name) {
        Instance cluster = shared();
        cluster.kubectl("create namespace " + name).good();
        return name;
    }
}
