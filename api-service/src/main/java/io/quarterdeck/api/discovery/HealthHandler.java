package io.quarterdeck.api.discovery;

import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.PathHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /livez}, {@code /readyz} and {@code /healthz}, whole and check by check. */
public final class HealthHandler implements PathHandler {

    private static final Logger log = LoggerFactory.getLogger(HealthHandler.class);

    private final List<HealthCheck> checks;

    public HealthHandler(Collection<HealthCheck> checks) {
        List<HealthCheck> all = new ArrayList<>();
        all.add(HealthCheck.of("ping", true, () -> true));
        all.addAll(checks);
        this.checks = List.copyOf(all);
    }

    @Override
    public Set<String> paths() {
        return Set.of("/livez", "/readyz", "/healthz", "/livez/", "/readyz/", "/healthz/");
    }

    /** Every path that there is, for the list of paths. */
    List<String> allPaths() {
        List<String> paths = new ArrayList<>();
        for (String endpoint : List.of("healthz", "livez", "readyz")) {
            paths.add("/" + endpoint);
            checksOf(endpoint).forEach(check -> paths.add("/" + endpoint + "/" + check.name()));
        }
        return paths;
    }

    private List<HealthCheck> checksOf(String endpoint) {
        return checks.stream()
                .filter(check -> check.liveness() || endpoint.equals("readyz"))
                .toList();
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        String path = exchange.path().path().substring(1);
        int slash = path.indexOf('/');
        String endpoint = slash < 0 ? path : path.substring(0, slash);
        String single = slash < 0 ? "" : path.substring(slash + 1);
        List<HealthCheck> asked = checksOf(endpoint);
        if (slash >= 0) {
            asked = asked.stream().filter(check -> check.name().equals(single)).toList();
            if (asked.isEmpty()) {
                exchange.answerText(404, "404 page not found\n");
                return;
            }
        }
        Set<String> excluded = Set.copyOf(exchange.query().all("exclude"));
        StringBuilder verbose = new StringBuilder();
        List<String> failed = new ArrayList<>();
        for (HealthCheck check : asked) {
            if (excluded.contains(check.name())) {
                verbose.append("[+]").append(check.name()).append(" excluded: ok\n");
            } else if (well(check)) {
                verbose.append("[+]").append(check.name()).append(" ok\n");
            } else {
                failed.add(check.name());
                verbose.append("[-]").append(check.name()).append(" failed: reason withheld\n");
            }
        }
        if (!failed.isEmpty()) {
            log.warn("{} check failed: {}", endpoint, String.join(",", failed));
            exchange.answerText(
                    500,
                    single.isEmpty()
                            ? verbose + endpoint + " check failed\n"
                            : "internal server error: reason withheld\n");
        } else if (exchange.query().has("verbose") && single.isEmpty()) {
            exchange.answerText(200, verbose + endpoint + " check passed\n");
        } else {
            exchange.answerText(200, "ok");
        }
    }

    private static boolean well(HealthCheck check) {
        try {
            return check.healthy();
        } catch (Exception e) {
            log.warn("health check {} failed", check.name(), e);
            return false;
        }
    }
}
