package io.quarterdeck.controller.endpoints;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Owners;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Spreads endpoints over slices with as few writes as possible: an endpoint stays in the slice where it is; new ones go
 * where something changes anyway, then into the fullest slice that holds them all, then into new slices. Pure.
 *
 * @param owner the controller of the slices, after whom they are named
 * @param annotations what a written slice carries
 * @param placeholder whether a service without endpoints keeps one empty slice
 */
record SlicePlan(
        HasMetadata owner,
        Map<String, String> labels,
        Map<String, String> annotations,
        int maxPerSlice,
        boolean placeholder) {

    private static final Set<String> OWN_ANNOTATIONS = Set.of(ServicePods.TRIGGER_ANNOTATION);

    /** Endpoints of one address type that have the same ports. */
    record Group(String addressType, List<EndpointPort> ports) {

        static Group of(EndpointSlice slice) {
            return new Group(slice.getAddressType(), sorted(slice.getPorts() == null ? List.of() : slice.getPorts()));
        }

        static List<EndpointPort> sorted(Collection<EndpointPort> ports) {
            return ports.stream()
                    .sorted(Comparator.comparing((EndpointPort port) -> String.valueOf(port.getName()))
                            .thenComparing(port -> port.getPort() == null ? 0 : port.getPort())
                            .thenComparing(port -> String.valueOf(port.getProtocol())))
                    .toList();
        }
    }

    /** The writes that bring the existing slices to the wanted endpoints. */
    List<Action> actions(Map<Group, List<Endpoint>> wanted, Collection<String> families, List<EndpointSlice> existing) {
        List<EndpointSlice> creates = new ArrayList<>();
        Map<String, EndpointSlice> updates = new TreeMap<>();
        Map<String, EndpointSlice> deletes = new TreeMap<>();
        Map<Group, List<EndpointSlice>> groups = new LinkedHashMap<>();
        for (EndpointSlice slice : existing) {
            Group group = Group.of(slice);
            if (!Owners.controls(owner, slice) || !wanted.containsKey(group)) {
                deletes.put(slice.getMetadata().getName(), slice);
            } else {
                groups.computeIfAbsent(group, same -> new ArrayList<>()).add(slice);
            }
        }
        wanted.forEach((group, endpoints) ->
                spread(group, endpoints, groups.getOrDefault(group, List.of()), creates, updates, deletes));
        if (placeholder) {
            families.forEach(family -> hold(family, wanted, existing, creates, deletes));
        }
        reuse(creates, updates, deletes);
        List<Action> actions = new ArrayList<>();
        creates.forEach(slice -> actions.add(new Action.Create(slice)));
        updates.values().forEach(slice -> actions.add(new Action.Update(slice)));
        deletes.values().forEach(slice -> actions.add(Action.Delete.of(slice)));
        return actions;
    }

    private void spread(
            Group group,
            List<Endpoint> wanted,
            List<EndpointSlice> existing,
            List<EndpointSlice> creates,
            Map<String, EndpointSlice> updates,
            Map<String, EndpointSlice> deletes) {
        Map<String, Endpoint> missing = new LinkedHashMap<>();
        wanted.forEach(endpoint -> missing.put(identity(endpoint), endpoint));
        Map<EndpointSlice, List<Endpoint>> changed = new LinkedHashMap<>();
        List<EndpointSlice> unchanged = new ArrayList<>();
        for (EndpointSlice slice : existing) {
            List<Endpoint> kept = new ArrayList<>();
            boolean same = true;
            for (Endpoint endpoint : endpoints(slice)) {
                Endpoint now = missing.remove(identity(endpoint));
                if (now != null) {
                    kept.add(now);
                }
                same &= endpoint.equals(now);
            }
            if (!same) {
                changed.put(slice, kept);
            } else if (!labels.equals(slice.getMetadata().getLabels()) || !annotated(slice)) {
                updates.put(slice.getMetadata().getName(), write(slice, kept));
            } else {
                unchanged.add(slice);
            }
        }
        changed.values().forEach(kept -> fill(kept, missing));
        changed.forEach((slice, kept) -> {
            if (kept.isEmpty()) {
                deletes.put(slice.getMetadata().getName(), slice);
            } else {
                updates.put(slice.getMetadata().getName(), write(slice, kept));
            }
        });
        while (!missing.isEmpty()) {
            int left = missing.size();
            Optional<EndpointSlice> fullest = left >= maxPerSlice
                    ? Optional.empty()
                    : unchanged.stream()
                            .filter(slice -> endpoints(slice).size() + left <= maxPerSlice)
                            .max(Comparator.comparingInt(
                                    slice -> endpoints(slice).size()));
            List<Endpoint> endpoints =
                    new ArrayList<>(fullest.map(SlicePlan::endpoints).orElse(List.of()));
            fill(endpoints, missing);
            if (fullest.isPresent()) {
                unchanged.remove(fullest.get());
                updates.put(fullest.get().getMetadata().getName(), write(fullest.get(), endpoints));
            } else {
                creates.add(fresh(group, endpoints));
            }
        }
    }

    private void fill(List<Endpoint> slice, Map<String, Endpoint> missing) {
        var left = missing.values().iterator();
        while (slice.size() < maxPerSlice && left.hasNext()) {
            slice.add(left.next());
            left.remove();
        }
    }

    private void hold(
            String family,
            Map<Group, List<Endpoint>> wanted,
            List<EndpointSlice> existing,
            List<EndpointSlice> creates,
            Map<String, EndpointSlice> deletes) {
        boolean any = wanted.entrySet().stream()
                .anyMatch(group -> group.getKey().addressType().equals(family)
                        && !group.getValue().isEmpty());
        if (any) {
            return;
        }
        Group empty = new Group(family, List.of());
        Optional<EndpointSlice> held = existing.stream()
                .filter(slice -> Group.of(slice).equals(empty)
                        && endpoints(slice).isEmpty()
                        && Owners.controls(owner, slice)
                        && labels.equals(slice.getMetadata().getLabels()))
                .findFirst();
        if (held.isPresent()) {
            deletes.remove(held.get().getMetadata().getName());
        } else {
            creates.add(fresh(empty, List.of()));
        }
    }

    /** A slice that is no longer needed becomes one that is: one write instead of two. */
    private void reuse(
            List<EndpointSlice> creates, Map<String, EndpointSlice> updates, Map<String, EndpointSlice> deletes) {
        for (EndpointSlice old : List.copyOf(deletes.values())) {
            Optional<EndpointSlice> instead = creates.stream()
                    .filter(slice -> slice.getAddressType().equals(old.getAddressType()))
                    .findFirst();
            if (instead.isPresent() && Owners.controls(owner, old)) {
                creates.remove(instead.get());
                deletes.remove(old.getMetadata().getName());
                updates.put(
                        old.getMetadata().getName(),
                        write(old, endpoints(instead.get()))
                                .edit()
                                .withPorts(instead.get().getPorts())
                                .build());
            }
        }
    }

    private boolean annotated(EndpointSlice slice) {
        Map<String, String> own = new LinkedHashMap<>(
                slice.getMetadata().getAnnotations() == null
                        ? Map.of()
                        : slice.getMetadata().getAnnotations());
        Map<String, String> next = new LinkedHashMap<>(annotations);
        OWN_ANNOTATIONS.forEach(name -> {
            own.remove(name);
            next.remove(name);
        });
        return placeholder || own.equals(next);
    }

    /** Slices of services keep what others annotate; mirrors have what their original has. */
    private Map<String, String> annotations(EndpointSlice slice) {
        if (!placeholder || slice.getMetadata().getAnnotations() == null) {
            return annotations;
        }
        Map<String, String> next = new LinkedHashMap<>(slice.getMetadata().getAnnotations());
        OWN_ANNOTATIONS.forEach(next::remove);
        next.putAll(annotations);
        return next;
    }

    private EndpointSlice write(EndpointSlice slice, List<Endpoint> endpoints) {
        return slice.edit()
                .editMetadata()
                .withLabels(labels)
                .withAnnotations(annotations(slice))
                .endMetadata()
                .withEndpoints(endpoints)
                .build();
    }

    private EndpointSlice fresh(Group group, List<Endpoint> endpoints) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace(owner.getMetadata().getNamespace())
                .withGenerateName(owner.getMetadata().getName() + "-")
                .withLabels(labels)
                .withAnnotations(annotations)
                .withOwnerReferences(Owners.controlledBy(owner))
                .endMetadata()
                .withAddressType(group.addressType())
                .withPorts(group.ports())
                .withEndpoints(endpoints)
                .build();
    }

    private static List<Endpoint> endpoints(EndpointSlice slice) {
        return slice.getEndpoints() == null ? List.of() : slice.getEndpoints();
    }

    static String identity(Endpoint endpoint) {
        String target = endpoint.getTargetRef() == null
                ? ""
                : endpoint.getTargetRef().getNamespace() + "/"
                        + endpoint.getTargetRef().getName() + " "
                        + endpoint.getTargetRef().getUid();
        return endpoint.getAddresses() + " " + endpoint.getHostname() + " " + target;
    }
}
