package io.quarterdeck.api.discovery;

import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.PathHandler;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /version}: which Kubernetes this is, in the words of upstream's version.Info. */
public final class VersionHandler implements PathHandler {

    private final byte[] body;

    /** @param kubernetesVersion for example {@code 1.36.2} */
    public VersionHandler(String kubernetesVersion, String gitCommit, String buildDate) {
        String[] parts = kubernetesVersion.split("\\.");
        String minor = parts[1];
        ObjectNode version = JsonNodeFactory.instance
                .objectNode()
                .put("major", parts[0])
                .put("minor", minor)
                .put("emulationMajor", parts[0])
                .put("emulationMinor", minor)
                .put("minCompatibilityMajor", parts[0])
                .put("minCompatibilityMinor", String.valueOf(Integer.parseInt(minor) - 1))
                .put("gitVersion", "v" + kubernetesVersion + "+quarterdeck")
                .put("gitCommit", gitCommit)
                .put("gitTreeState", "clean")
                .put("buildDate", buildDate)
                .put("goVersion", "java" + Runtime.version().feature())
                .put("compiler", "javac")
                .put("platform", platform());
        this.body = JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(version);
    }

    private static String platform() {
        String machine = System.getProperty("os.arch", "");
        return "linux/" + (machine.equals("aarch64") ? "arm64" : machine.equals("x86_64") ? "amd64" : machine);
    }

    @Override
    public Set<String> paths() {
        return Set.of("/version", "/version/");
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
            throw StatusException.methodNotAllowed();
        }
        exchange.answer(200, "application/json", body);
    }
}
