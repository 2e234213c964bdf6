package io.quarterdeck.node.pods;

import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.Labels;
import io.quarterdeck.node.runtime.LogOptions;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.volumes.PodDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last words of a pod's ended containers, each read once: the file that the container was given for them, or the end
 * of its log where the policy says so. Thread-safe. Source: "Determine the Reason for Pod Failure".
 */
final class TerminationMessages {

    private static final int MAX_MESSAGE = 4096;
    private static final int MAX_FALLBACK_MESSAGE = 2048;
    private static final int FALLBACK_LINES = 80;

    private final PodDirectory directory;
    private final ContainerRuntime runtime;
    private final Map<String, String> byContainerId = new ConcurrentHashMap<>();

    TerminationMessages(PodDirectory directory, ContainerRuntime runtime) {
        this.directory = directory;
        this.runtime = runtime;
    }

    /** Empty when the container said nothing and the runtime has nothing to say either. */
    String of(Container ended) {
        return byContainerId.computeIfAbsent(ended.id(), id -> read(ended));
    }

    void forget(String containerId) {
        byContainerId.remove(containerId);
    }

    private String read(Container ended) {
        String written = "";
        try {
            Path file = directory.terminationLog(ended.name(), ended.attempt());
            if (Files.exists(file)) {
                try (var in = Files.newInputStream(file)) {
                    written = new String(in.readNBytes(MAX_MESSAGE), StandardCharsets.UTF_8);
                }
            }
        } catch (IOException e) {
            written = "Error on reading termination log: " + e.getMessage();
        }
        boolean fallback = "FallbackToLogsOnError".equals(ended.labels().get(Labels.TERMINATION_MESSAGE_POLICY));
        if (written.isEmpty() && fallback && ended.exitCode() != 0) {
            written = tailOfLog(ended);
        }
        return written.isEmpty() ? ended.message() : written;
    }

    private String tailOfLog(Container ended) {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try {
            runtime.logs(ended, LogOptions.tail(FALLBACK_LINES), log, log);
        } catch (IOException | RuntimeFailure e) {
            return "Error on reading termination message from logs: " + e.getMessage();
        }
        byte[] bytes = log.toByteArray();
        int from = Math.max(0, bytes.length - MAX_FALLBACK_MESSAGE);
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }
}
