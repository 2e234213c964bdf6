package io.quarterdeck.api.customresources;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A conversion webhook: version v1 has {@code spec.host} and {@code spec.port}, v2 {@code spec.hostPort}. What else it does
 * is said for each API group.
 */
public final class ConversionWebhook implements HttpHandler {

    private final Map<String, String> lies = new ConcurrentHashMap<>();
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();

    private record Call(String group, String version, List<String> names) {}

    /** From now on, objects of this group get what the fragment says into their metadata. */
    void lie(String group, String metadata) {
        lies.put(group, metadata);
    }

    /** The names of the objects of each call for a group and a version. */
    List<List<String>> calls(String group, String version) {
        return calls.stream()
                .filter(call -> call.group.equals(group) && call.version.equals(version))
                .map(Call::names)
                .toList();
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        JsonNode review = JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
        JsonNode request = review.path("request");
        String wanted = request.path("desiredAPIVersion").asString("");
        String group = wanted.substring(0, wanted.indexOf('/'));
        calls.add(new Call(
                group,
                wanted.substring(group.length() + 1),
                request.path("objects")
                        .valueStream()
                        .map(object -> object.path("metadata").path("name").asString(""))
                        .toList()));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.set("apiVersion", review.path("apiVersion"));
        answer.set("kind", review.path("kind"));
        ObjectNode response = answer.putObject("response");
        response.set("uid", request.path("uid"));
        response.putObject("result").put("status", "Success");
        ArrayNode converted = response.putArray("convertedObjects");
        for (JsonNode object : request.path("objects")) {
            converted.add(convert((ObjectNode) object, wanted, lies.getOrDefault(group, "{}")));
        }
        byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static ObjectNode convert(ObjectNode object, String wanted, String lie) {
        object.put("apiVersion", wanted);
        ((ObjectNode) object.path("metadata"))
                .setAll((ObjectNode) JsonMapper.shared().readTree(lie));
        if (object.get("spec") instanceof ObjectNode spec) {
            if (wanted.endsWith("/v2") && spec.has("host")) {
                spec.put(
                        "hostPort",
                        spec.path("host").asString("") + ":" + spec.path("port").asString(""));
                spec.remove(List.of("host", "port"));
            } else if (wanted.endsWith("/v1") && spec.has("hostPort")) {
                String[] parts = spec.path("hostPort").asString("").split(":", 2);
                spec.put("host", parts[0]).put("port", parts[1]).remove("hostPort");
            }
        }
        return object;
    }
}
