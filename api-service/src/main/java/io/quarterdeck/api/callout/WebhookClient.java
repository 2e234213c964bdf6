package io.quarterdeck.api.callout;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Calls the webhooks that objects of the API name: a {@code clientConfig} says where and whom to believe. Every failure is
 * told in the words of upstream's client. Blocking, thread-safe.
 *
 * <p>Source: API admissionregistration.k8s.io/v1, WebhookClientConfig; apiextensions.k8s.io/v1, WebhookClientConfig.
 */
@Component
public final class WebhookClient implements AutoCloseable {

    private static final int HTTPS = 443;

    private final ServiceAddresses addresses;
    private final WebhookConnection connection = new WebhookConnection();

    WebhookClient(ServiceAddresses addresses) {
        this.addresses = addresses;
    }

    /**
     * What is asked and answered: both are objects of one kind.
     *
     * @param mostBytes an answer may have
     */
    public record Review(String group, String version, String kind, int mostBytes) {

        public String apiVersion() {
            return group + "/" + version;
        }
    }

    /** The configuration names nobody who could be called. */
    public static final class NoClientException extends Exception {

        private static final long serialVersionUID = 1;

        NoClientException(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * Posts a review and reads the answer, which is a review of the same version.
     *
     * @throws IOException when there is no answer in time, no success, or nothing that can be read
     */
    public JsonNode post(JsonNode clientConfig, Review kind, byte[] review, Duration timeout)
            throws IOException, NoClientException {
        String authorities = authorities(clientConfig.path("caBundle").asString(""));
        String url = url(clientConfig, timeout);
        WebhookConnection.Answer answer;
        try {
            answer = send(clientConfig.path("service"), url, authorities, review, timeout, kind.mostBytes());
        } catch (WebhookConnection.UnreadableAuthoritiesException e) {
            throw new NoClientException("unable to load root certificates: unable to parse bytes as PEM block");
        } catch (IOException e) {
            throw new IOException("Post \"%s\": %s".formatted(url, e.getMessage()), e);
        }
        return WebhookAnswers.read(answer, kind);
    }

    /** What is wrong with an answer that does not say what it is, in upstream's words; empty when it does. */
    public static String misnomer(JsonNode answer, Review expected) {
        return WebhookAnswers.misnomer(answer, expected);
    }

    private WebhookConnection.Answer send(
            JsonNode service, String url, String authorities, byte[] review, Duration timeout, int mostBytes)
            throws IOException {
        URI uri = address(url);
        int port = uri.getPort() < 0 ? HTTPS : uri.getPort();
        String host = uri.getHost();
        InetSocketAddress address = service.isObject()
                ? addresses.resolve(
                        service.path("namespace").asString(""),
                        service.path("name").asString(""),
                        port)
                : new InetSocketAddress(host, port);
        return connection.post(
                address,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                port,
                (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath()) + "?" + uri.getRawQuery(),
                authorities,
                review,
                timeout,
                mostBytes);
    }

    private static URI address(String url) throws IOException {
        try {
            URI uri = new URI(url);
            if (uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new IOException("invalid URL: " + e.getReason(), e);
        }
        throw new IOException("http: no Host in request URL");
    }

    private static String authorities(String bundle) throws NoClientException {
        try {
            return new String(Base64.getDecoder().decode(bundle), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new NoClientException("unable to load root certificates: " + bundle);
        }
    }

    private static String url(JsonNode clientConfig, Duration timeout) {
        String base = clientConfig.path("url").asString("");
        if (base.isEmpty()) {
            JsonNode service = clientConfig.path("service");
            base = "https://%s.%s.svc:%d%s"
                    .formatted(
                            service.path("name").asString(""),
                            service.path("namespace").asString(""),
                            service.path("port").asInt(HTTPS),
                            service.path("path").asString("/"));
        }
        if (base.indexOf('/', "https://".length()) < 0) {
            base += "/";
        }
        return base + (base.contains("?") ? "&" : "?") + "timeout=" + timeout.toSeconds() + "s";
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
