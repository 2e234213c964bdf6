package io.quarterdeck.api.proxy;

import io.quarterdeck.api.document.Document;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Which of a Service's endpoints gets a connection. */
final class ServiceEndpoints {

    private ServiceEndpoints() {}

    record Address(String host, int port) {}

    /** One of the ready addresses behind a port of the Service, drawn anew each time; empty when there is none. */
    static Optional<Address> ready(Document endpoints, String portName) {
        return ready(endpoints, portName, address -> true);
    }

    /** The same among the addresses that may be connected to. */
    static Optional<Address> ready(Document endpoints, String portName, Predicate<JsonNode> allowed) {
        for (JsonNode subset : endpoints.items("subsets")) {
            JsonNode addresses = subset.path("addresses");
            for (JsonNode port : subset.path("ports")) {
                if (port.path("name").asString("").equals(portName) && !addresses.isEmpty()) {
                    int first = ThreadLocalRandom.current().nextInt(addresses.size());
                    for (int i = 0; i < addresses.size(); i++) {
                        JsonNode chosen = addresses.get((first + i) % addresses.size());
                        if (allowed.test(chosen)) {
                            return Optional.of(new Address(
                                    chosen.path("ip").asString(""),
                                    port.path("port").asInt(0)));
                        }
                    }
                }
            }
        }
        return Optional.empty();
    }
}
