package io.quarterdeck.system.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What every answer must hold to, whatever was asked. */
final class Judge {
    private static final long SLOW_MILLIS = 10_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Words of the implementation that no user should see. */
    private static final Pattern LEAK = Pattern.compile(
            "io\\.quarterdeck|java\\.|tools\\.jackson|org\\.[a-z]+\\.|Exception|\\tat |NullPointer|\\$Lambda");

    /** Messages with which upstream, too, answers 500 to a client's mistake, and 504 to a version from the future. */
    private static final List<Pattern> AS_UPSTREAM = List.of(
            Pattern.compile("resourceVersion should not be set on objects to be created"),
            Pattern.compile("resourceVersion: Invalid value"),
            Pattern.compile("failed to create typed patch object"),
            Pattern.compile("failed to convert (?:new|old|merged) object"),
            Pattern.compile("strconv\\.ParseUint: parsing"),
            Pattern.compile("target\\.(?:name|kind): (?:Required|Unsupported) value"),
            Pattern.compile("failed to create manager|metadata.managedFields must be nil"),
            Pattern.compile(
                    "unknown patch type|Unknown patch type|unable to find api field|does not contain declared merge key"),
            Pattern.compile("data type is not struct|expected slice or array type|value for key \\d+ is not a map"),
            Pattern.compile("list element types are not identical"),
            Pattern.compile("no endpoints available for service|no service port -?\\d+ found for service"),
            Pattern.compile("Too large resource version"),
            Pattern.compile("no preferred addresses found"));

    private Judge() {}

    /** What is wrong with an answer; empty if nothing. */
    static Optional<String> complaint(Request request, Answer answer) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        if (answer.millis() > SLOW_MILLIS) {
            return Optional.of("took " + answer.millis() + " ms");
        }
        boolean json = answer.header("content-type").startsWith("application/json");
        if (answer.status() < 400) {
            return json
                            && answer.status() == 200
                            && !request.target().contains("watch")
                            && !isJson(body)
                            && !request.method().equals("HEAD")
                    ? Optional.of("the answer is no JSON")
                    : Optional.empty();
        }
        if (LEAK.matcher(withoutEcho(body, request)).find()) {
            return Optional.of("the answer names the implementation");
        }
        if (json && !request.method().equals("HEAD")) {
            Optional<String> status = status(body, answer.status());
            if (status.isPresent()) {
                return status;
            }
        }
        // The answer to HEAD has no message to know it by; its like, to GET, is judged.
        if (answer.status() >= 500
                && !request.method().equals("HEAD")
                && AS_UPSTREAM.stream().noneMatch(known -> known.matcher(body).find())) {
            return Optional.of("a client's mistake is answered " + answer.status());
        }
        return Optional.empty();
    }

    /** A message may repeat what the client sent. */
    private static String withoutEcho(String body, Request request) {
        return new String(request.body(), StandardCharsets.ISO_8859_1).contains("java")
                        || request.target().contains("java")
                ? ""
                : body;
    }

    private static boolean isJson(String body) {
        try {
            JSON.readTree(body);
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    private static Optional<String> status(String body, int code) {
        JsonNode status;
        try {
            status = JSON.readTree(body);
        } catch (JacksonException e) {
            return Optional.of("the error is no JSON");
        }
        if (!status.path("kind").asString("").equals("Status")
                || !status.path("apiVersion").asString("").equals("v1")
                || !status.path("status").asString("").equals("Failure")) {
            return Optional.of("the error is no Status");
        }
        if (status.path("code").asInt(0) != code) {
            return Optional.of("the Status names another code");
        }
        return status.path("message").asString("").isEmpty()
                ? Optional.of("the Status has no message")
                : Optional.empty();
    }
}
