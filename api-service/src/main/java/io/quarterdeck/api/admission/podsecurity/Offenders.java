package io.quarterdeck.api.admission.podsecurity;

import io.quarterdeck.api.document.Document;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Who does what a control forbids, in the order of the pod.
 *
 * @param pod whether the pod itself does
 * @param containers the names of containers that do
 */
record Offenders(boolean pod, List<String> containers) {

    /** All containers: init, main, ephemeral. */
    static List<JsonNode> containersOf(Document pod) {
        List<JsonNode> containers = new ArrayList<>(pod.items("spec.initContainers"));
        containers.addAll(pod.items("spec.containers"));
        containers.addAll(pod.items("spec.ephemeralContainers"));
        return containers;
    }

    /** Containers of which it holds. */
    static Offenders containers(Document pod, Predicate<JsonNode> container) {
        return new Offenders(
                false,
                containersOf(pod).stream()
                        .filter(container)
                        .map(each -> each.path("name").asString(""))
                        .toList());
    }

    /** Containers whose securityContext it holds of, and the pod when it holds of its own. */
    static Offenders contexts(Document pod, Predicate<JsonNode> securityContext) {
        boolean own = securityContext.test(pod.at("spec.securityContext"));
        return new Offenders(
                own, containers(pod, each -> securityContext.test(each.path("securityContext"))).containers);
    }

    boolean none() {
        return !pod && containers.isEmpty();
    }

    /** {@code containers "a", "b"}. */
    String named() {
        return subject("container", containers);
    }

    /** {@code pod and container "a"}. */
    @Override
    public String toString() {
        return pod ? (containers.isEmpty() ? "pod" : "pod and " + named()) : named();
    }

    static String subject(String what, Collection<String> names) {
        return plural(what, names) + " " + quoted(names);
    }

    static String plural(String what, Collection<String> counted) {
        return counted.size() == 1 ? what : what + "s";
    }

    /** The verb that goes with the names. */
    static String use(Collection<String> users) {
        return users.size() == 1 ? "uses" : "use";
    }

    static String quoted(Collection<String> values) {
        return values.stream().map(value -> '"' + value + '"').collect(Collectors.joining(", "));
    }
}
