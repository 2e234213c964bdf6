package io.quarterdeck.api;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The API server's own settings. Its port is {@code server.port}.
 *
 * @param pkiDirectory keys and certificates under kubeadm's names; made complete at start when the service runs alone
 * @param tlsCertificateFile the serving certificate and its chain; {@code apiserver.crt} of the PKI when absent
 * @param tlsKeyFile its private key; {@code apiserver.key} of the PKI when absent
 * @param advertisedAddress host and port that discovery names
 * @param runtimeConfig versions to serve beside the stable ones, or not at all, as upstream's {@code --runtime-config}:
 *     {@code api/all=true}, {@code resource.k8s.io/v1beta1=true}
 * @param maxRequestsInFlight reading requests at work at once, watches and tunnels not counted
 * @param maxMutatingRequestsInFlight writing requests at work at once
 * @param maxRequestsForEachProcessor of both, for each processor that there is
 * @param maxRequestBody what a request may bring along
 * @param protobufBudget what the protobuf forms of cached objects may occupy; an eighth of the heap when absent
 * @param kubeletTimeout how long a node may take to accept a connection
 */
@ConfigurationProperties("quarterdeck.api")
public record ApiServiceProperties(
        @DefaultValue("data/pki") Path pkiDirectory,
        @Nullable Path tlsCertificateFile,
        @Nullable Path tlsKeyFile,
        @DefaultValue("127.0.0.1:6443") String advertisedAddress,
        @DefaultValue("") List<String> runtimeConfig,
        @DefaultValue("400") int maxRequestsInFlight,
        @DefaultValue("200") int maxMutatingRequestsInFlight,
        @DefaultValue("20") int maxRequestsForEachProcessor,
        @DefaultValue("3MB") DataSize maxRequestBody,
        @Nullable DataSize protobufBudget,
        @DefaultValue("10s") Duration kubeletTimeout) {

    /** Requests at work at once, reading and writing. */
    public int requestsInFlight(int processors) {
        return Math.min(
                maxRequestsInFlight + maxMutatingRequestsInFlight,
                Math.max(1, processors * maxRequestsForEachProcessor));
    }

    /** @param heap the most that the heap may become, in bytes */
    public long protobufBytes(long heap) {
        return protobufBudget == null ? heap / 8 : protobufBudget.toBytes();
    }

    public Path certificateFile() {
        return tlsCertificateFile == null ? pkiDirectory.resolve("apiserver.crt") : tlsCertificateFile;
    }

    public Path keyFile() {
        return tlsKeyFile == null ? pkiDirectory.resolve("apiserver.key") : tlsKeyFile;
    }
}
