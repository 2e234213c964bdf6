package io.quarterdeck.system.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The one API without controllers, node and Docker that the tests of a lane share: a client's answers then depend on
 * nothing but its own requests. Its administrator is a token's user {@code admin}, as in the recordings.
 */
public final class ApiAlone {
    /** The administrator's token. */
    public static final String TOKEN = "client-tests";

    private static @Nullable Instance shared;

    private ApiAlone() {}

    /** The running instance; started at first use, reset when the JVM ends. */
    public static synchronized Instance shared() {
        if (shared == null) {
            Instance instance = new Instance("clients");
            Runtime.getRuntime().addShutdownHook(new Thread(instance::close));
            try {
                Path tokens = instance.home().resolve("tokens.csv");
                Files.writeString(tokens, TOKEN + ",admin,admin-uid,\"system:masters\"\n");
                instance.up("--components", "api", "--token-auth-file", tokens.toString())
                        .good();
                Files.writeString(
                        kubeconfig(instance), """
                        apiVersion: v1
                        kind: Config
                        clusters:
                        - name: quarterdeck
                          cluster:
                            server: %s
                            certificate-authority: %s
                        users:
                        - name: admin
                          user:
                            token: %s
                        contexts:
                        - name: admin
                          context:
                            cluster: quarterdeck
                            user: admin
                        current-context: admin
                        """.formatted(instance.server(), certificateAuthority(instance), TOKEN));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            shared = instance;
        }
        return shared;
    }

    /** The kubeconfig of the administrator. */
    public static Path kubeconfig(Instance instance) {
        return instance.home().resolve("admin.kubeconfig");
    }

    /** The certificate that clients trust. */
    public static Path certificateAuthority(Instance instance) {
        return instance.data().resolve("pki/ca.crt");
    }
}
