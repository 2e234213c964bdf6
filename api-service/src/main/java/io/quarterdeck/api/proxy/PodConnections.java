package io.quarterdeck.api.proxy;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.Negotiation;
import io.quarterdeck.api.http.Query;
import io.quarterdeck.api.http.SubresourceHandler;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.GoTime;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A pod's log, exec, attach and portforward: to the kubelet of its node. Thread-safe. */
final class PodConnections implements SubresourceHandler {

    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final Set<String> LOG_OPTIONS =
            Set.of("follow", "previous", "sinceSeconds", "sinceTime", "timestamps", "tailLines", "limitBytes");
    private static final List<String> CONTAINER_LISTS =
            List.of("spec.initContainers", "spec.containers", "spec.ephemeralContainers");

    private final String subresource;
    private final Nodes nodes;
    private final PassThrough passThrough;

    PodConnections(String subresource, Nodes nodes, PassThrough passThrough) {
        this.subresource = subresource;
        this.nodes = nodes;
        this.passThrough = passThrough;
    }

    @Override
    public GroupResource resource() {
        return PODS;
    }

    @Override
    public String subresource() {
        return subresource;
    }

    @Override
    public void handle(Exchange exchange, ResourceDefinition resource, ObjectKey key) throws IOException {
        String method = exchange.method();
        boolean log = subresource.equals("log");
        if (!method.equals("GET") && (log || !method.equals("POST"))) {
            throw StatusException.methodNotAllowed();
        }
        Query query = exchange.query();
        if (log) {
            Negotiation.judgeText(exchange);
            checkLogOptions(query, key);
        }
        Document pod = nodes.object(PODS, key);
        String path;
        if (log) {
            String container = container(pod, query.first("container"), key);
            String node = pod.text("spec.nodeName");
            if (node.isEmpty()) {
                // Nothing has run, so nothing was said.
                exchange.start(204, "");
                return;
            }
            path = "/containerLogs/" + place(key) + "/" + Nodes.segment(container)
                    + query(query, LOG_OPTIONS, List.of());
        } else if (subresource.equals("portforward")) {
            path = "/portForward/" + place(key) + query(query, Set.of("ports"), List.of());
        } else {
            String container = container(pod, query.first("container"), key);
            List<String> streams = new ArrayList<>();
            addStream(query, "stdin", "input", streams);
            addStream(query, "stdout", "output", streams);
            addStream(query, "stderr", "error", streams);
            addStream(query, "tty", "tty", streams);
            path = "/" + subresource + "/" + place(key) + "/" + Nodes.segment(container)
                    + query(query, Set.of("command"), streams);
        }
        String node = pod.text("spec.nodeName");
        if (node.isEmpty()) {
            throw StatusException.badRequest("pod %s does not have a host assigned".formatted(key.name()));
        }
        Target target = nodes.kubeletOfPod(node, path);
        if (!log && !subresource.equals("portforward") && !upgradeAsked(exchange)) {
            throw StatusException.badRequest("Upgrade request required");
        }
        if (log) {
            // Clients read a Status where they asked for a log, as from upstream.
            passThrough.carry(exchange, target, "error dialing backend: ", (status, why) -> refused(status, why, key));
        } else {
            passThrough.carry(exchange, target, "error dialing backend: ");
        }
    }

    private static StatusException refused(int status, String why, ObjectKey key) {
        return switch (status) {
            case 400 -> StatusException.badRequest(why);
            case 404 ->
                new StatusException(
                        404,
                        "NotFound",
                        "the server could not find the requested resource (%s %s)".formatted(PODS, key.name()),
                        StatusException.Details.of(PODS, key.name()));
            default -> StatusException.internal(why);
        };
    }

    private static boolean upgradeAsked(Exchange exchange) {
        return !exchange.header("Upgrade").isEmpty();
    }

    private static String place(ObjectKey key) {
        return Nodes.segment(key.namespace()) + "/" + Nodes.segment(key.name());
    }

    private static void addStream(Query query, String asked, String forwarded, List<String> streams) {
        if (query.flag(asked)) {
            streams.add(forwarded + "=1");
        }
    }

    private static String query(Query query, Set<String> names, List<String> more) {
        List<String> pairs = new ArrayList<>();
        for (String name : names.stream().sorted().toList()) {
            query.all(name).forEach(value -> pairs.add(name + "=" + Nodes.segment(value)));
        }
        pairs.addAll(more);
        return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
    }

    private static void checkLogOptions(Query query, ObjectKey key) {
        GoTime.flaw(query.first("sinceTime")).ifPresent(why -> {
            throw StatusException.badRequest(why);
        });
        List<FieldError> findings = new ArrayList<>();
        checkLogOption(query, "tailLines", 0, "must be greater than or equal to 0", findings);
        checkLogOption(query, "limitBytes", 1, "must be greater than 0", findings);
        checkLogOption(query, "sinceSeconds", 1, "must be greater than 0", findings);
        if (!query.first("stream").isEmpty()) {
            // One of several streams can be asked for where a feature gate allows it, which is closed upstream.
            findings.add(new FieldError(FieldError.Reason.FORBIDDEN, "stream", "Forbidden: may not be specified"));
        }
        if (!findings.isEmpty()) {
            throw StatusException.invalid("", "PodLogOptions", key.name(), findings);
        }
    }

    private static void checkLogOption(Query query, String name, long least, String why, List<FieldError> findings) {
        String text = query.first(name);
        if (text.isEmpty()) {
            return;
        }
        try {
            if (Long.parseLong(text) < least) {
                findings.add(
                        new FieldError(FieldError.Reason.INVALID, name, "Invalid value: %s: %s".formatted(text, why)));
            }
        } catch (NumberFormatException e) {
            throw StatusException.badRequest("strconv.ParseInt: parsing \"%s\": invalid syntax".formatted(text));
        }
    }

    /** The container asked for, else the only or the annotated one. */
    private static String container(Document pod, String asked, ObjectKey key) {
        List<String> all = new ArrayList<>();
        for (String list : CONTAINER_LISTS) {
            for (JsonNode container : pod.items(list)) {
                all.add(container.path("name").asString(""));
            }
        }
        if (!asked.isEmpty()) {
            if (!all.contains(asked)) {
                throw StatusException.badRequest("container %s is not valid for pod %s".formatted(asked, key.name()));
            }
            return asked;
        }
        List<String> containers = names(pod, "spec.containers");
        String preferred = pod.annotation("kubectl.kubernetes.io/default-container");
        if (containers.size() == 1) {
            return containers.getFirst();
        }
        if (preferred != null && containers.contains(preferred)) {
            return preferred;
        }
        List<String> init = names(pod, "spec.initContainers");
        throw StatusException.badRequest("a container name must be specified for pod %s, choose one of: [%s]%s"
                .formatted(
                        key.name(),
                        String.join(" ", containers),
                        init.isEmpty()
                                ? ""
                                : " or one of the init containers: [%s]".formatted(String.join(" ", init))));
    }

    private static List<String> names(Document pod, String list) {
        return pod.items(list).stream()
                .map(container -> container.path("name").asString(""))
                .toList();
    }
}
