package io.quarterdeck.system.faults;

import io.quarterdeck.system.history.Api;
import io.quarterdeck.system.history.Call.Ending;
import io.quarterdeck.system.history.Call.Frame;
import io.quarterdeck.system.history.Call.FrameType;
import io.quarterdeck.system.history.Call.Get;
import io.quarterdeck.system.history.Call.Kind;
import io.quarterdeck.system.history.Call.Outcome;
import io.quarterdeck.system.history.Call.Seen;
import io.quarterdeck.system.history.Call.Selection;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** ConfigMaps over HTTPS; a connection that fails is replaced by one to whichever server comes next. Used by one thread. */
final class HttpApi implements Api {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CORE = "/api/v1";
    private static final String ALL = CORE + "/configmaps";

    private final IntSupplier ports;
    private final String token;
    private @Nullable LeanConnection connection;

    /** @param ports the port of the server to turn to next */
    HttpApi(IntSupplier ports, String token) {
        this.ports = ports;
        this.token = token;
    }

    private record Response(int status, JsonNode body) {}

    private static String collection(String namespace) {
        return namespace.isEmpty() ? ALL : CORE + "/namespaces/" + namespace + "/configmaps";
    }

    private static String path(String key) {
        int slash = key.indexOf('/');
        return collection(key.substring(0, slash)) + "/" + key.substring(slash + 1);
    }

    private LeanConnection connected() throws IOException {
        LeanConnection open = connection;
        if (open == null) {
            open = LeanConnection.to(ports.getAsInt(), token);
            connection = open;
        }
        return open;
    }

    private Response ask(String method, String path, String type, String body) throws IOException {
        LeanConnection open = connected();
        try {
            LeanConnection.Answer answer = open.ask(method, path, type, body);
            return new Response(answer.status(), JSON.readTree(answer.body()));
        } catch (IOException | RuntimeException e) {
            close();
            throw e instanceof IOException io ? io : new IOException(e);
        }
    }

    @Override
    public Answer write(Kind kind, String key, long number, String group, long expected) {
        try {
            connected();
        } catch (IOException notSent) {
            close();
            return Answer.REFUSED;
        }
        try {
            Response response = switch (kind) {
                case CREATE ->
                    ask("POST", collection(key.substring(0, key.indexOf('/'))), "json", object(key, number, group, 0));
                case REPLACE ->
                    expected < 0 && ThreadLocalRandom.current().nextBoolean()
                            ? ask("PATCH", path(key), "merge-patch+json", object(key, number, group, 0))
                            : ask("PUT", path(key), "json", object(key, number, group, expected));
                case DELETE ->
                    ask(
                            "DELETE",
                            path(key),
                            "json",
                            "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"preconditions\":{\"resourceVersion\":\""
                                    + expected + "\"}}");
            };
            if (response.status < 300) {
                return new Answer(Outcome.DONE, kind == Kind.DELETE ? 0 : revision(response.body));
            }
            // A 503 says that nothing was sent, a 500 that the store refused; only 504 leaves it open.
            return response.status == 504 ? Answer.UNKNOWN : Answer.REFUSED;
        } catch (IOException lost) {
            return Answer.UNKNOWN;
        }
    }

    private static String object(String key, long number, String group, long revision) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\""
                + key.substring(key.indexOf('/') + 1) + "\","
                + (revision > 0 ? "\"resourceVersion\":\"" + revision + "\"," : "")
                + "\"labels\":{\"group\":\"" + group + "\"}},\"data\":{\"token\":\"" + number + "\"}}";
    }

    private static long revision(JsonNode object) {
        return Long.parseLong(object.path("metadata").path("resourceVersion").asString("0"));
    }

    static Seen seen(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        return new Seen(
                metadata.path("namespace").asString("") + "/"
                        + metadata.path("name").asString(""),
                revision(object),
                Long.parseLong(object.path("data").path("token").asString("0")),
                metadata.path("labels").path("group").asString("").intern());
    }

    @Override
    public Optional<Seen> get(String key, long freshness) throws IOException {
        Response response =
                ask("GET", path(key) + (freshness == Get.CONSISTENT ? "" : "?resourceVersion=" + freshness), "", "");
        return switch (response.status) {
            case 200 -> Optional.of(seen(response.body));
            case 404 -> Optional.empty();
            default -> throw new IOException("a read was answered " + response.status);
        };
    }

    @Override
    public Listed list(Selection selection, long freshness, int limit) throws IOException {
        String base = collection(selection.namespace()) + "?limit=" + limit
                + (selection.group().isEmpty() ? "" : "&labelSelector=group%3D" + selection.group());
        // A limit with a revision would ask for exactly that revision.
        String match = freshness > 0 ? "&resourceVersionMatch=NotOlderThan" : "";
        Response page =
                ask("GET", base + (freshness == Get.CONSISTENT ? "" : "&resourceVersion=" + freshness + match), "", "");
        List<Seen> items = new ArrayList<>();
        long revision = revision(page.body);
        while (true) {
            if (page.status != 200) {
                throw new IOException("a list was answered " + page.status);
            }
            page.body.path("items").forEach(item -> {
                // A cluster has ConfigMaps of its own.
                if (item.path("data").has("token")) {
                    items.add(seen(item));
                }
            });
            String next = page.body.path("metadata").path("continue").asString("");
            if (next.isEmpty()) {
                return new Listed(revision, items);
            }
            page = ask("GET", base + "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8), "", "");
        }
    }

    @Override
    public Ending watch(Selection selection, long from, Predicate<Frame> each) throws IOException {
        String path = collection(selection.namespace()) + "?watch=1&allowWatchBookmarks=true&resourceVersion=" + from
                + "&timeoutSeconds=" + ThreadLocalRandom.current().nextInt(5, 25)
                + (selection.group().isEmpty() ? "" : "&labelSelector=group%3D" + selection.group());
        try (LeanConnection stream = LeanConnection.to(ports.getAsInt(), token)) {
            int status = stream.open(path);
            if (status == 410) {
                return Ending.EXPIRED;
            }
            if (status != 200) {
                throw new IOException("a watch was answered " + status);
            }
            return frames(stream, each);
        }
    }

    private static Ending frames(LeanConnection stream, Predicate<Frame> each) {
        try {
            while (true) {
                byte[] line = stream.line();
                if (line == null) {
                    return Ending.CLOSED;
                }
                JsonNode frame = JSON.readTree(line);
                String type = frame.path("type").asString("");
                JsonNode object = frame.path("object");
                if (type.equals("ERROR")) {
                    return object.path("code").asInt() == 410 ? Ending.EXPIRED : Ending.CLOSED;
                }
                boolean bookmark = type.equals("BOOKMARK");
                if (!bookmark && !object.path("data").has("token")) {
                    continue;
                }
                Seen seen = bookmark ? new Seen("", revision(object), 0, "") : seen(object);
                if (!each.test(new Frame(System.nanoTime(), FrameType.valueOf(type), seen))) {
                    return Ending.CLOSED;
                }
            }
        } catch (IOException | RuntimeException cut) {
            // Half a frame tells nothing.
            return Ending.CLOSED;
        }
    }

    @Override
    public void close() {
        LeanConnection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
