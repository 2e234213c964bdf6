package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.StatusException;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The node ports of one Service that is written: those its author chose must be free, the others are drawn. One operation
 * serves one write. Source: the behaviour of upstream's port allocator.
 */
final class NodePortOperation {

    private static final int DUMMY = 32768;
    private static final String TAKEN = "provided port is already allocated";

    /** Where ports that nobody chose come from. */
    interface Draw {
        /** None yet: only what was chosen is settled. */
        Draw LATER = taken -> 0;

        /** What a dry run shows, since nothing is taken. */
        Draw SHOWN = taken -> (taken.isEmpty() ? DUMMY : Collections.max(taken)) + 1;

        /** @param taken what this operation has taken */
        int next(Set<Integer> taken);
    }

    private final Document service;
    private final @Nullable Document old;
    private final ServiceNetwork network;
    private final IntPredicate occupied;
    private final Draw draw;
    private final Set<Integer> taken = new LinkedHashSet<>();

    /**
     * @param service gets the ports
     * @param occupied whether a port belongs to any Service
     */
    NodePortOperation(
            Document service, @Nullable Document old, ServiceNetwork network, IntPredicate occupied, Draw draw) {
        this.service = service;
        this.old = old;
        this.network = network;
        this.occupied = occupied;
        this.draw = draw;
    }

    /**
     * @return the ports that the Service did not have before
     * @throws StatusException for a chosen port that cannot be had
     */
    Set<Integer> settle() {
        ServiceShape shape = ServiceShape.of(service);
        if (shape.opensPorts()) {
            if (old == null) {
                create(shape);
            } else {
                update(shape, nodePorts(old));
            }
        }
        if (shape.healthCheck() && (old == null || !ServiceShape.of(old).healthCheck())) {
            healthCheck();
        }
        return taken;
    }

    /** The protocols of one port share its node port. */
    private void create(ServiceShape shape) {
        Map<Integer, Integer> shared = new HashMap<>();
        List<JsonNode> ports = service.items("spec.ports");
        for (int i = 0; i < ports.size(); i++) {
            int chosen = chosen(ports.get(i));
            if (chosen == 0 && !shape.nodePorts()) {
                continue;
            }
            int port = ports.get(i).path("port").asInt(0);
            int known = shared.getOrDefault(port, 0);
            if (known == 0) {
                int requested = requested(ports, port);
                known = requested == 0 ? drawn() : take(i, requested);
                shared.put(port, known);
                set(ports.get(i), known);
            } else if (chosen == 0) {
                set(ports.get(i), known);
            } else if (chosen != known) {
                take(i, chosen);
            }
        }
    }

    private void update(ServiceShape shape, Set<Integer> held) {
        Set<String> pairs = new HashSet<>();
        List<JsonNode> ports = service.items("spec.ports");
        for (int i = 0; i < ports.size(); i++) {
            int chosen = chosen(ports.get(i));
            if (chosen == 0 && shape.nodePorts()) {
                chosen = drawn();
                set(ports.get(i), chosen);
            } else if (chosen != 0 && !held.contains(chosen) && !taken.contains(chosen)) {
                take(i, chosen);
            }
            String protocol = ports.get(i).path("protocol").asString("");
            if (chosen != 0 && !pairs.add(protocol + " " + chosen)) {
                throw new StatusException(500, "", "duplicate nodePort: {%s %d}".formatted(protocol, chosen), null);
            }
        }
    }

    private void healthCheck() {
        int chosen = (int) service.number("spec.healthCheckNodePort", 0);
        if (chosen == 0) {
            int drawn = drawn();
            if (drawn != 0) {
                service.set("spec.healthCheckNodePort", drawn);
            }
            return;
        }
        String problem = problem(chosen);
        if (!problem.isEmpty()) {
            throw StatusException.internal(
                    "failed to allocate requested HealthCheck NodePort %d: %s".formatted(chosen, problem));
        }
        taken.add(chosen);
    }

    private int take(int index, int chosen) {
        String problem = problem(chosen);
        if (!problem.isEmpty()) {
            throw StatusException.invalid(
                    "",
                    "Service",
                    service.name(),
                    List.of(new FieldError(
                            Reason.INVALID,
                            "spec.ports[%d].nodePort".formatted(index),
                            "Invalid value: %s: %s".formatted(Values.print(chosen), problem))));
        }
        taken.add(chosen);
        return chosen;
    }

    private String problem(int chosen) {
        boolean judged = draw != Draw.SHOWN;
        if (judged && (chosen < network.firstNodePort() || chosen > network.lastNodePort())) {
            return "provided port is not in the valid range. The range of valid ports is %d-%d"
                    .formatted(network.firstNodePort(), network.lastNodePort());
        }
        return taken.contains(chosen) || occupied.test(chosen) ? TAKEN : "";
    }

    private int drawn() {
        int drawn = draw.next(taken);
        if (drawn != 0) {
            taken.add(drawn);
        }
        return drawn;
    }

    private static void set(JsonNode port, int nodePort) {
        if (nodePort != 0) {
            ((ObjectNode) port).put("nodePort", nodePort);
        }
    }

    private static int requested(List<JsonNode> ports, int port) {
        return ports.stream()
                .filter(each -> each.path("port").asInt(0) == port)
                .mapToInt(NodePortOperation::chosen)
                .filter(chosen -> chosen != 0)
                .findFirst()
                .orElse(0);
    }

    private static int chosen(JsonNode port) {
        return port.path("nodePort").asInt(0);
    }

    /** The ports that a Service's own ports open on nodes. */
    static Set<Integer> nodePorts(Document service) {
        Set<Integer> ports = new HashSet<>();
        service.items("spec.ports").forEach(port -> ports.add(chosen(port)));
        ports.remove(0);
        return ports;
    }
}
