package io.quarterdeck.api.discovery;

import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.Negotiation;
import io.quarterdeck.api.http.PathHandler;
import io.quarterdeck.api.schema.GoIndent;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /version}: which Kubernetes this is, in the words of upstream's version.Info. */
public final class VersionHandler implements PathHandler {

    private static final List<String> TYPES = List.of("application/json");

    private final byte[] body;

    /**
     * What was built, and of what.
     *
     * @param commit the sources' commit
     * @param date when that was made, in RFC 3339: equal sources make equal builds
     * @param changed whether more than the commit was built
     */
    public record Build(String commit, String date, boolean changed) {

        private static final Build UNKNOWN = new Build("unknown", "1970-01-01T00:00:00Z", true);

        /** What the build left in {@code git.properties}; unknown when it was made outside a repository. */
        public static Build read() {
            Properties git = new Properties();
            try (InputStream in = VersionHandler.class.getResourceAsStream("/git.properties")) {
                if (in == null) {
                    return UNKNOWN;
                }
                git.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read git.properties", e);
            }
            String commit = git.getProperty("git.commit.id", git.getProperty("git.commit.id.full", ""));
            return commit.isEmpty()
                    ? UNKNOWN
                    : new Build(
                            commit,
                            git.getProperty("git.commit.time", UNKNOWN.date()),
                            Boolean.parseBoolean(git.getProperty("git.dirty", "true")));
        }
    }

    /** @param kubernetesVersion for example {@code 1.36.2} */
    public VersionHandler(String kubernetesVersion, Build build) {
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
                .put("gitCommit", build.commit())
                .put("gitTreeState", build.changed() ? "dirty" : "clean")
                .put("buildDate", build.date())
                .put("goVersion", "java" + Runtime.version().feature())
                .put("compiler", "javac")
                .put("platform", platform());
        this.body = GoIndent.bytes(version);
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
        if (!exchange.method().equals("GET")) {
            throw StatusException.methodNotAllowed();
        }
        Negotiation.requireRepresentation(exchange, TYPES);
        exchange.answer(200, TYPES.getFirst(), body);
    }
}
