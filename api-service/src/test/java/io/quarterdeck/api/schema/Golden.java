package io.quarterdeck.api.schema;

import io.quarterdeck.model.GroupVersionKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The recorded exchanges with a real API server that lie under test resources. */
public record Golden(JsonNode exchange) {

    public static List<Golden> read(String area) {
        List<Golden> exchanges = new ArrayList<>();
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + area + ".jsonl.gz");
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                // Placeholders that stand for times and numbers have to be such.
                String filled = line.replace("${*time}", "2006-01-02T15:04:05Z")
                        .replaceAll("\"\\$\\{port:\\d+}\"", "30000")
                        .replaceAll("\"\\$\\{\\*int}\"", "5");
                exchanges.add(new Golden(Json.tree(filled.getBytes(StandardCharsets.UTF_8))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return exchanges;
    }

    public String name() {
        return exchange.path("scenario").asString() + "#"
                + exchange.path("step").asInt();
    }

    public String scenario() {
        return exchange.path("scenario").asString();
    }

    public String method() {
        return exchange.path("method").asString();
    }

    public String path() {
        return exchange.path("path").asString();
    }

    public int status() {
        return exchange.path("status").asInt();
    }

    public String contentType() {
        String type = exchange.path("headers").path("Content-Type").asString("application/json");
        int semicolon = type.indexOf(';');
        return semicolon < 0 ? type : type.substring(0, semicolon);
    }

    public boolean hasBody() {
        return exchange.has("body") && !exchange.get("body").isNull();
    }

    public byte[] body() {
        JsonNode body = exchange.path("body");
        return switch (exchange.path("body_encoding").asString("")) {
            case "text" -> body.asString().getBytes(StandardCharsets.UTF_8);
            case "base64" -> Base64.getDecoder().decode(body.asString());
            default -> CanonicalJson.bytes(body);
        };
    }

    public JsonNode response() {
        return exchange.path("response");
    }

    public static GroupVersionKind kindOf(JsonNode object) {
        return GroupVersionKind.of(
                object.path("apiVersion").asString(""), object.path("kind").asString(""));
    }

    /** The path without query, as a name of what it addresses. */
    public String object() {
        int query = path().indexOf('?');
        return scenario() + " " + (query < 0 ? path() : path().substring(0, query));
    }

    public String query(String name) {
        Matcher value = Pattern.compile("[?&]" + name + "=([^&]*)").matcher(path());
        return value.find() ? value.group(1) : "";
    }

    /** Paths at which two trees differ, with both values. */
    public static List<String> differences(JsonNode expected, JsonNode actual) {
        List<String> found = new ArrayList<>();
        compare("", expected, actual, found);
        return found;
    }

    private static void compare(String path, JsonNode expected, JsonNode actual, List<String> found) {
        if (expected instanceof ObjectNode left && actual instanceof ObjectNode right) {
            for (Map.Entry<String, JsonNode> entry : left.properties()) {
                JsonNode other = right.get(entry.getKey());
                if (other == null) {
                    found.add(path + "." + entry.getKey() + ": missing " + entry.getValue());
                } else {
                    compare(path + "." + entry.getKey(), entry.getValue(), other, found);
                }
            }
            right.properties().forEach(entry -> {
                if (!left.has(entry.getKey())) {
                    found.add(path + "." + entry.getKey() + ": unexpected " + entry.getValue());
                }
            });
        } else if (expected.isArray() && actual.isArray() && expected.size() == actual.size()) {
            for (int i = 0; i < expected.size(); i++) {
                compare(path + "[" + i + "]", expected.get(i), actual.get(i), found);
            }
        } else if (expected.isNumber() && actual.isNumber()
                ? expected.decimalValue().compareTo(actual.decimalValue()) != 0
                : !expected.equals(actual)) {
            found.add(path + ": expected " + expected + " but " + actual);
        }
    }
}
