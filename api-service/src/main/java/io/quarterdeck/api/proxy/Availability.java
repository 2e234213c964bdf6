package io.quarterdeck.api.proxy;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.discovery.ExtraGroups;
import io.quarterdeck.api.proxy.AggregatedDiscovery.Known;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.registry.WritePath.Manner;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks the servers behind API services whether they are there and what they serve, and writes the condition Available.
 * A server that fails is asked soon again, a well one every half minute, a changed APIService at once. Runs on one thread.
 */
final class Availability implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Availability.class);
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration WELL = Duration.ofSeconds(30);
    private static final Duration ILL = Duration.ofSeconds(2);
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int LARGEST = 16 << 20;
    private static final User AGGREGATOR = new User("system:kube-aggregator", "", List.of(User.MASTERS), Map.of());

    private final AggregatedApis apis;
    private final AggregatedServers servers;
    private final AggregatedDiscovery discovery;
    private final PassThrough passThrough;
    private final LiveCatalog catalog;
    private final WritePath writes;
    private final InstantSource clock;
    private final Map<String, Asked> asked = new HashMap<>();
    private final Thread thread;
    private volatile boolean closed;

    private record Asked(AggregatedApi api, long at) {}

    private record Condition(boolean available, String reason, String message) {}

    Availability(
            AggregatedApis apis,
            AggregatedServers servers,
            AggregatedDiscovery discovery,
            PassThrough passThrough,
            LiveCatalog catalog,
            WritePath writes,
            InstantSource clock) {
        this.apis = apis;
        this.servers = servers;
        this.discovery = discovery;
        this.passThrough = passThrough;
        this.catalog = catalog;
        this.writes = writes;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("apiservice-availability").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            try {
                List<AggregatedApi> remotes = apis.remotes();
                asked.keySet()
                        .removeIf(name ->
                                remotes.stream().noneMatch(api -> api.name().equals(name)));
                for (AggregatedApi api : remotes) {
                    if (due(api)) {
                        check(api);
                        asked.put(api.name(), new Asked(api, System.nanoTime()));
                    }
                }
            } catch (StatusException later) {
                log.debug("API services are not checked now: {}", later.text());
            } catch (RuntimeException fault) {
                log.error("API services could not be checked", fault);
            }
            try {
                Thread.sleep(TICK);
            } catch (InterruptedException stopping) {
                return;
            }
        }
    }

    private boolean due(AggregatedApi api) {
        Asked before = asked.get(api.name());
        return before == null
                || !before.api().sameSpec(api)
                || System.nanoTime() - before.at() >= (api.available() ? WELL : ILL).toNanos();
    }

    private void check(AggregatedApi api) {
        Condition condition;
        try {
            condition = answer(api);
        } catch (AggregatedServers.NoWayException noWay) {
            condition = new Condition(false, noWay.reason(), String.valueOf(noWay.getMessage()));
        }
        if (!condition.available()) {
            discovery.failed(api);
        }
        write(api, condition);
    }

    private Condition answer(AggregatedApi api) throws AggregatedServers.NoWayException {
        String path = "/apis/" + api.groupVersion();
        Target target = servers.target(api, path, AGGREGATOR);
        String url = "https://" + target.authority() + path;
        try {
            PassThrough.Fetched fetched = passThrough.fetch(target, "application/json", TIMEOUT_MILLIS, LARGEST);
            if (fetched.status() < 200 || fetched.status() >= 300) {
                return new Condition(
                        false,
                        "FailedDiscoveryCheck",
                        "failing or missing response from %s: bad status from %s: %d"
                                .formatted(url, url, fetched.status()));
            }
            JsonNode resources = JsonMapper.shared().readTree(fetched.body());
            discovery.learned(api, new Known(resources, false, openApi(api), openApiV2(api)));
            return new Condition(true, "Passed", "all checks passed");
        } catch (IOException | RuntimeException failed) {
            return new Condition(
                    false,
                    "FailedDiscoveryCheck",
                    "failing or missing response from %s: Get \"%s\": %s".formatted(url, url, failed.getMessage()));
        }
    }

    private ExtraGroups.@Nullable OpenApi openApi(AggregatedApi api) throws AggregatedServers.NoWayException {
        try {
            JsonNode index = json(api, "/openapi/v3");
            String url = index == null
                    ? ""
                    : index.path("paths")
                            .path("apis/" + api.groupVersion())
                            .path("serverRelativeURL")
                            .asString("");
            if (!url.startsWith("/openapi/v3/")) {
                return null;
            }
            PassThrough.Fetched document = passThrough.fetch(
                    servers.target(api, url, AGGREGATOR), "application/json", TIMEOUT_MILLIS, LARGEST);
            int hash = url.indexOf("hash=");
            return document.status() == 200
                    ? new ExtraGroups.OpenApi(document.body(), hash < 0 ? "" : url.substring(hash + 5))
                    : null;
        } catch (IOException | RuntimeException withoutIt) {
            log.debug("{} shows no OpenAPI v3: {}", api.name(), withoutIt.getMessage());
            return null;
        }
    }

    /** Its paths below its own group version, and all its definitions. */
    private @Nullable ObjectNode openApiV2(AggregatedApi api) throws AggregatedServers.NoWayException {
        try {
            JsonNode whole = json(api, "/openapi/v2");
            if (whole == null) {
                return null;
            }
            ObjectNode part = JsonNodeFactory.instance.objectNode();
            ObjectNode paths = part.putObject("paths");
            whole.path("paths").properties().forEach(entry -> {
                if (entry.getKey().startsWith("/apis/" + api.groupVersion() + "/")) {
                    paths.set(entry.getKey(), entry.getValue());
                }
            });
            part.set("definitions", whole.path("definitions"));
            return paths.isEmpty() ? null : part;
        } catch (IOException | RuntimeException withoutIt) {
            log.debug("{} shows no OpenAPI v2: {}", api.name(), withoutIt.getMessage());
            return null;
        }
    }

    private @Nullable JsonNode json(AggregatedApi api, String path)
            throws IOException, AggregatedServers.NoWayException {
        PassThrough.Fetched fetched =
                passThrough.fetch(servers.target(api, path, AGGREGATOR), "application/json", TIMEOUT_MILLIS, LARGEST);
        return fetched.status() == 200 ? JsonMapper.shared().readTree(fetched.body()) : null;
    }

    private void write(AggregatedApi api, Condition condition) {
        ResourceDefinition definition =
                catalog.stored(AggregatedApis.API_SERVICES).orElseThrow(StatusException::noSuchRoute);
        Instant now = clock.instant();
        RequestInfo request = new RequestInfo(
                User.API_SERVER,
                "update",
                definition.version(),
                ObjectKey.clusterScoped(api.name()),
                "status",
                false,
                "kube-apiserver",
                RequestInfo.FieldValidation.IGNORE,
                "",
                now,
                text -> {});
        try {
            writes.update(definition, request, Manner.PATCH, old -> {
                if (old == null) {
                    return null;
                }
                ObjectNode status = old.object("status");
                ArrayNode conditions =
                        status.get("conditions") instanceof ArrayNode present ? present : status.putArray("conditions");
                put(conditions, condition, now);
                return old;
            });
        } catch (StatusException gone) {
            log.debug("the condition of {} could not be written: {}", api.name(), gone.text());
        }
    }

    private static void put(ArrayNode conditions, Condition condition, Instant now) {
        String status = condition.available() ? "True" : "False";
        ObjectNode own = null;
        for (JsonNode each : conditions) {
            if (each.path("type").asString("").equals("Available") && each instanceof ObjectNode found) {
                own = found;
            }
        }
        if (own == null) {
            own = conditions.addObject().put("type", "Available");
        }
        if (!own.path("status").asString("").equals(status)) {
            own.put("status", status)
                    .put(
                            "lastTransitionTime",
                            now.truncatedTo(ChronoUnit.SECONDS).toString());
        }
        own.put("reason", condition.reason()).put("message", condition.message());
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
