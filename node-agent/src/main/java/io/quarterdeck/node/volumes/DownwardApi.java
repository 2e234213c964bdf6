package io.quarterdeck.node.volumes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a pod may learn about itself. Pure. Source: "Downward API". */
public final class DownwardApi {

    private static final Pattern SUBSCRIPT = Pattern.compile("metadata\\.(labels|annotations)\\['(.*)'\\]");

    /** What the node knows beyond the pod object. Allocatable is what a missing limit means. */
    public record NodeFacts(List<String> hostIps, Map<String, Quantity> allocatable) {}

    private DownwardApi() {}

    /** @throws VolumeFailure for a path that there is not */
    public static String field(Pod pod, String path, NodeFacts node, List<String> podIps) {
        Map<String, String> labels =
                Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
        Map<String, String> annotations =
                Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.of());
        Matcher subscript = SUBSCRIPT.matcher(path);
        if (subscript.matches()) {
            Map<String, String> map = "labels".equals(subscript.group(1)) ? labels : annotations;
            return map.getOrDefault(subscript.group(2), "");
        }
        return switch (path) {
            case "metadata.name" -> pod.getMetadata().getName();
            case "metadata.namespace" -> pod.getMetadata().getNamespace();
            case "metadata.uid" -> pod.getMetadata().getUid();
            case "metadata.labels" -> lines(labels);
            case "metadata.annotations" -> lines(annotations);
            case "spec.nodeName" -> pod.getSpec().getNodeName();
            case "spec.serviceAccountName" ->
                Objects.requireNonNullElse(pod.getSpec().getServiceAccountName(), "");
            case "status.hostIP" -> first(node.hostIps());
            case "status.hostIPs" -> String.join(",", node.hostIps());
            case "status.podIP" -> first(podIps);
            case "status.podIPs" -> String.join(",", podIps);
            default -> throw new VolumeFailure("unsupported fieldPath: " + path);
        };
    }

    private static String first(List<String> values) {
        return values.isEmpty() ? "" : values.getFirst();
    }

    private static String lines(Map<String, String> map) {
        return new TreeMap<>(map)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + quoted(entry.getValue()))
                        .collect(Collectors.joining("\n"));
    }

    private static String quoted(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        text.append("\\x%02x".formatted((int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        return text.append('"').toString();
    }

    /** @param own the container that asks, for selectors that name none */
    public static String resource(Pod pod, ResourceFieldSelector selector, Optional<Container> own, NodeFacts node) {
        String named = Objects.requireNonNullElse(selector.getContainerName(), "");
        Container container = named.isEmpty()
                ? own.orElseThrow(() -> new VolumeFailure("container name is required"))
                : Stream.concat(
                                pod.getSpec().getContainers().stream(),
                                Objects.requireNonNullElse(pod.getSpec().getInitContainers(), List.<Container>of())
                                        .stream())
                        .filter(candidate -> candidate.getName().equals(named))
                        .findFirst()
                        .orElseThrow(() -> new VolumeFailure("container " + named + " not found"));
        String[] parts = selector.getResource().split("\\.", 2);
        if (parts.length < 2) {
            throw new VolumeFailure("unsupported container resource : " + selector.getResource());
        }
        Quantity quantity = container.getResources() == null
                ? null
                : Objects.requireNonNullElse(
                                "limits".equals(parts[0])
                                        ? container.getResources().getLimits()
                                        : container.getResources().getRequests(),
                                Map.<String, Quantity>of())
                        .get(parts[1]);
        if (quantity == null && "limits".equals(parts[0])) {
            quantity = node.allocatable().get(parts[1]);
        }
        BigDecimal amount = quantity == null ? BigDecimal.ZERO : quantity.getNumericalAmount();
        BigDecimal divisor = selector.getDivisor() == null
                ? BigDecimal.ONE
                : selector.getDivisor().getNumericalAmount();
        if (divisor.signum() == 0) {
            divisor = BigDecimal.ONE;
        }
        return amount.divide(divisor, 0, RoundingMode.CEILING).toPlainString();
    }
}
