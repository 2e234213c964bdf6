package io.quarterdeck.api.discovery;

import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.PathHandler;
import io.quarterdeck.api.registry.LiveCatalog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /}: every path that is no resource. */
public final class RootHandler implements PathHandler {

    private final LiveCatalog catalog;
    private final HealthHandler health;
    private final Supplier<Collection<PathHandler>> handlers;

    public RootHandler(LiveCatalog catalog, HealthHandler health, Supplier<Collection<PathHandler>> handlers) {
        this.catalog = catalog;
        this.health = health;
        this.handlers = handlers;
    }

    @Override
    public Set<String> paths() {
        return Set.of("/");
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        // The slash stands for everything below it; what nothing else answers does not exist.
        if (!Set.of("/", "/index.html").contains(exchange.path().path())) {
            exchange.answerText(404, "404 page not found\n");
            return;
        }
        Set<String> paths = new TreeSet<>(health.allPaths());
        for (PathHandler handler : handlers.get()) {
            if (!handler.open()) {
                handler.paths().stream().filter(path -> !path.endsWith("/")).forEach(paths::add);
            }
        }
        paths.add("/apis/");
        for (String group : catalog.groups()) {
            String base = group.isEmpty() ? "/api" : "/apis/" + group;
            paths.add(base);
            catalog.versions(group).forEach(version -> paths.add(base + "/" + version));
        }
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        ArrayNode list = document.putArray("paths");
        paths.forEach(list::add);
        exchange.answer(200, "application/json", (document + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
