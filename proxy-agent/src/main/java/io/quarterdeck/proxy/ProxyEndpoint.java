package io.quarterdeck.proxy;

import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.stereotype.Component;

/** How many Services have rules on this node: {@code /actuator/proxy}. */
@Component
@Endpoint(id = "proxy")
class ProxyEndpoint {

    private final ProxyLifecycle lifecycle;

    ProxyEndpoint(ProxyLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    record Report(boolean ready, Map<String, Integer> inEffect) {}

    @ReadOperation
    Report report() {
        return new Report(lifecycle.ready(), lifecycle.size());
    }
}
