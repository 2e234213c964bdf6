package io.quarterdeck.client;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/**
 * The verbs of the API for any resource, typed or known only from discovery. Blocking, meant for virtual threads.
 * A refusal is a {@link StatusException} in the API's words; a connection that fails is one with code 503. Thread-safe.
 */
public final class ApiClient {

    /** Longest time that a throttled request (429) is repeated as the server asks. */
    private static final int THROTTLED_TRIES = 8;

    private static final String JSON = "application/json";
    private static final String METADATA_ONLY =
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    private static final String METADATA_ONLY_LIST =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    private final Supplier<KubernetesClient> clients;
    private final String root;
    private final ObjectSerialization serialization;
    private final Duration timeout;
    private final Optional<Supplier<String>> token;

    /** What a list answered. {@code revision} is the list's resourceVersion. */
    public record Listed<T>(long revision, List<T> items) {}

    public ApiClient(KubernetesClient client) {
        this(() -> client, Optional.empty());
    }

    /** @param clients asked before each request, for an identity that is renewed; all reach the same server */
    public ApiClient(Supplier<KubernetesClient> clients) {
        this(clients, Optional.empty());
    }

    /** @param token asked before each request, for one whose bearer token changes with time */
    public ApiClient(KubernetesClient client, Supplier<String> token) {
        this(() -> client, Optional.of(token));
    }

    private ApiClient(Supplier<KubernetesClient> clients, Optional<Supplier<String>> token) {
        this.token = token;
        this.clients = clients;
        KubernetesClient client = clients.get();
        String url = client.getMasterUrl().toString();
        this.root = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.serialization = client.getKubernetesSerialization() instanceof ObjectSerialization own
                ? own
                : new ObjectSerialization();
        this.timeout = Duration.ofMillis(client.getConfiguration().getRequestTimeout());
    }

    public ObjectSerialization serialization() {
        return serialization;
    }

    /** @param query decoded parameters, for example {@code labelSelector} */
    public <T extends HasMetadata> Listed<T> list(ResourceType<T> type, String namespace, Map<String, String> query) {
        byte[] body = exchange("GET", type.path(namespace) + query(query), accept(type, true), null, JSON);
        return readList(type, body);
    }

    public <T extends HasMetadata> T get(ResourceType<T> type, ObjectKey key) {
        return read(type, exchange("GET", type.path(key), accept(type, false), null, JSON));
    }

    public <T extends HasMetadata> T create(ResourceType<T> type, T object) {
        String namespace = namespaceOf(object);
        return read(
                type, exchange("POST", type.path(namespace), accept(type, false), serialization.bytes(object), JSON));
    }

    /** @param subresource empty for the object itself */
    public <T extends HasMetadata> T update(ResourceType<T> type, T object, String subresource) {
        ObjectKey key = new ObjectKey(namespaceOf(object), object.getMetadata().getName());
        return read(
                type,
                exchange("PUT", type.path(key, subresource), accept(type, false), serialization.bytes(object), JSON));
    }

    /** @param contentType one of the API's patch types, {@code application/merge-patch+json} */
    public <T extends HasMetadata> T patch(
            ResourceType<T> type, ObjectKey key, String subresource, String contentType, String body) {
        return read(
                type,
                exchange(
                        "PATCH",
                        type.path(key, subresource),
                        accept(type, false),
                        body.getBytes(StandardCharsets.UTF_8),
                        contentType));
    }

    /**
     * Server-side apply that takes the fields from whoever owns them.
     *
     * @param subresource empty for the object itself
     * @param fields the object with the fields that {@code manager} wants, and its type
     */
    public <T extends HasMetadata> T apply(
            ResourceType<T> type, ObjectKey key, String subresource, String manager, JsonNode fields) {
        return read(
                type,
                exchange(
                        "PATCH",
                        type.path(key, subresource) + query(Map.of("fieldManager", manager, "force", "true")),
                        accept(type, false),
                        serialization.mapper().writeValueAsBytes(fields),
                        "application/apply-patch+yaml"));
    }

    /** The object when it stays for now (finalizers, graceful deletion), null when it is gone. */
    public <T extends HasMetadata> @Nullable T delete(ResourceType<T> type, ObjectKey key, DeleteOptions options) {
        byte[] body = exchange("DELETE", type.path(key), accept(type, false), serialization.bytes(options), JSON);
        JsonNode answer = serialization.mapper().readTree(body);
        return "Status".equals(answer.path("kind").asString("")) ? null : read(type, body);
    }

    public void deleteCollection(ResourceType<?> type, String namespace, DeleteOptions options) {
        exchange("DELETE", type.path(namespace), JSON, serialization.bytes(options), JSON);
    }

    /** Any other exchange, as JSON trees. {@code path} is encoded and starts with a slash. */
    public JsonNode raw(String method, String path, String accept, @Nullable JsonNode body) {
        byte[] sent = body == null ? null : serialization.mapper().writeValueAsBytes(body);
        return serialization.mapper().readTree(exchange(method, path, accept, sent, JSON));
    }

    /** Opens a watch; the answer is to be closed. {@code query} has all parameters but {@code watch}. */
    public WatchStream watch(ResourceType<?> type, String namespace, Map<String, String> query) {
        HttpClient http = clients.get().getHttpClient();
        HttpRequest.Builder builder = http.newHttpRequestBuilder()
                .uri(root + type.path(namespace) + query(query) + "&watch=true")
                .header("Accept", accept(type, false))
                .forStreaming();
        authorize(builder);
        HttpRequest request = builder.build();
        WatchStream stream = new WatchStream();
        HttpResponse<?> response;
        try {
            var answer = http.consumeBytes(request, stream);
            response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            stream.opened(answer.join().body());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while opening a watch");
        } catch (ExecutionException | TimeoutException failure) {
            throw unreachable(failure);
        }
        if (response.code() >= 300) {
            byte[] body = stream.rest(Duration.ofSeconds(10));
            throw refusal(response.code(), body);
        }
        return stream;
    }

    public <T extends HasMetadata> T read(ResourceType<T> type, byte[] body) {
        return serialization.reader(type.javaType()).readValue(body);
    }

    private <T extends HasMetadata> Listed<T> readList(ResourceType<T> type, byte[] body) {
        ObjectReader reader = serialization.reader(type.javaType());
        long revision = 0;
        List<T> items = new ArrayList<>();
        try (JsonParser parser = serialization.mapper().createParser(new ByteArrayInputStream(body))) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("metadata")) {
                    JsonNode metadata = parser.readValueAsTree();
                    revision = Long.parseLong(metadata.path("resourceVersion").asString("0"));
                } else if (field.equals("items") && parser.currentToken() == JsonToken.START_ARRAY) {
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        items.add(reader.readValue(parser));
                    }
                } else {
                    parser.skipChildren();
                }
            }
        }
        return new Listed<>(revision, items);
    }

    private byte[] exchange(String method, String path, String accept, byte @Nullable [] body, String contentType) {
        for (int tries = 1; ; tries++) {
            HttpClient http = clients.get().getHttpClient();
            HttpRequest.Builder builder =
                    http.newHttpRequestBuilder().uri(root + path).header("Accept", accept);
            authorize(builder);
            if (body == null) {
                builder.method(method, null, null);
            } else {
                builder.method(method, contentType, new ByteArrayInputStream(body), body.length);
            }
            HttpResponse<byte[]> response;
            try {
                response = http.sendAsync(builder.build(), byte[].class).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CancellationException("interrupted while waiting for the API");
            } catch (ExecutionException | TimeoutException failure) {
                throw unreachable(failure);
            }
            byte[] answer = response.body() == null ? new byte[0] : response.body();
            if (response.code() < 300) {
                return answer;
            }
            String retryAfter = response.header("Retry-After");
            if (response.code() != 429 || retryAfter == null || tries == THROTTLED_TRIES) {
                throw refusal(response.code(), answer);
            }
            pause(retryAfter);
        }
    }

    private void authorize(HttpRequest.Builder builder) {
        token.ifPresent(current -> builder.header("Authorization", "Bearer " + current.get()));
    }

    private static void pause(String retryAfter) {
        long seconds;
        try {
            seconds = Math.clamp(Long.parseLong(retryAfter.trim()), 1, 30);
        } catch (NumberFormatException aDate) {
            seconds = 1;
        }
        try {
            Thread.sleep(Duration.ofSeconds(seconds));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while throttled");
        }
    }

    private StatusException refusal(int code, byte[] body) {
        try {
            JsonNode status = serialization.mapper().readTree(body);
            JsonNode details = status.path("details");
            List<StatusException.Cause> causes = new ArrayList<>();
            for (JsonNode cause : details.path("causes")) {
                causes.add(new StatusException.Cause(
                        cause.path("reason").asString(""),
                        cause.path("message").asString(""),
                        cause.path("field").asString("")));
            }
            return new StatusException(
                    code,
                    status.path("reason").asString("Unknown"),
                    status.path("message").asString("the server answered " + code),
                    details.isMissingNode()
                            ? null
                            : new StatusException.Details(
                                    details.path("name").asString(""),
                                    details.path("group").asString(""),
                                    details.path("kind").asString(""),
                                    details.path("uid").asString(""),
                                    causes,
                                    details.path("retryAfterSeconds").asInt(0)));
        } catch (RuntimeException notAStatus) {
            return new StatusException(code, "Unknown", "the server answered " + code, null);
        }
    }

    private static StatusException unreachable(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String why = cause instanceof TimeoutException ? "no answer in time" : String.valueOf(cause.getMessage());
        return StatusException.unavailable("the API server cannot be reached: " + why);
    }

    private static String accept(ResourceType<?> type, boolean list) {
        if (type.javaType() == PartialObjectMetadata.class) {
            return list ? METADATA_ONLY_LIST : METADATA_ONLY;
        }
        return JSON;
    }

    private static String query(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(parameter ->
                        parameter.getKey() + "=" + URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "?", ""));
    }

    private static String namespaceOf(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        return namespace == null ? "" : namespace;
    }
}
