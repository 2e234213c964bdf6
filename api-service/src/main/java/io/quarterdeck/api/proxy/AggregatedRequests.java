package io.quarterdeck.api.proxy;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.http.Delegation;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.RequestPath;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Carries requests below an aggregated group version to its server. Thread-safe. */
final class AggregatedRequests implements Delegation {

    private final AggregatedApis apis;
    private final AggregatedServers servers;
    private final PassThrough passThrough;

    AggregatedRequests(AggregatedApis apis, AggregatedServers servers, PassThrough passThrough) {
        this.apis = apis;
        this.servers = servers;
        this.passThrough = passThrough;
    }

    private Optional<AggregatedApi> api(RequestPath path) {
        if (path.isResource()) {
            return path.group().isEmpty() ? Optional.empty() : apis.remote(path.group(), path.version());
        }
        if (!path.path().startsWith("/apis/")) {
            return Optional.empty();
        }
        List<String> segments = List.of(path.path().split("/"));
        return segments.size() == 4 ? apis.remote(segments.get(2), segments.get(3)) : Optional.empty();
    }

    @Override
    public boolean covers(RequestPath path) {
        return api(path).isPresent();
    }

    @Override
    public void carry(Exchange exchange, User user) throws IOException {
        Optional<AggregatedApi> api = api(exchange.path());
        if (api.isEmpty() || !api.get().available()) {
            exchange.answerText(503, "service unavailable\n");
            return;
        }
        Target target;
        try {
            String query = exchange.query().raw();
            target = servers.target(api.get(), exchange.path().raw() + (query.isEmpty() ? "" : "?" + query), user);
        } catch (AggregatedServers.NoWayException noWay) {
            exchange.answerText(503, "service unavailable\n");
            return;
        }
        passThrough.carry(exchange, target, "error trying to reach service: ");
    }
}
