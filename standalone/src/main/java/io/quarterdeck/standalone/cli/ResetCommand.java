package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.instance.Instance;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Leaves the machine as if the instance had never been. */
@Command(name = "reset", description = "stop the cluster and remove every trace of it")
final class ResetCommand implements Callable<Integer> {
    @Mixin
    InstanceOptions options = new InstanceOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instance instance = options.instance();
        if (!Files.exists(instance.directory())) {
            System.out.println("Nothing to remove: there is no " + instance.directory() + ".");
            return 0;
        }
        Optional<String> stranger = instance.stranger();
        if (stranger.isPresent()) {
            throw new Failure(
                    instance.directory() + " holds \"" + stranger.get()
                            + "\", which is not Quarterdeck's; nothing was removed",
                    "ls " + instance.directory());
        }
        if (ServerProcess.stop(instance)) {
            System.out.println("Stopped.");
        }
        new NodeTraces(instance).remove();
        KubeconfigFile.remove(instance);
        DockerDaemon.stopOwn(instance);
        delete(instance.directory());
        System.out.println("Removed " + instance.directory() + " and every trace of it.");
        return 0;
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
