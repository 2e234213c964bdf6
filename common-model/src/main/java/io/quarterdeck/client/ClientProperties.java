package io.quarterdeck.client;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How a component reaches the API.
 *
 * @param kubeconfig file with address, CA and identity; its current context is used
 * @param requestTimeout longest time that one request, other than a watch, may take
 */
@ConfigurationProperties("quarterdeck.client")
public record ClientProperties(
        @Nullable Path kubeconfig, @DefaultValue("60s") Duration requestTimeout) {

    /** @throws IllegalStateException when none is set */
    public Path kubeconfigFile() {
        if (kubeconfig == null) {
            throw new IllegalStateException("set quarterdeck.client.kubeconfig");
        }
        return kubeconfig;
    }
}
