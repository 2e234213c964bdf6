package io.quarterdeck.controller.endpoints;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHintsBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.quarterdeck.reconcile.Action;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients of a zone which endpoints are meant for them, in proportion to the zones' CPU, for services whose topology
 * mode is Auto; slices that need not change keep their hints. Pure. Source: KEP-2433, "Topology Aware Hints".
 *
 * @param shares of the zones
 * @param family the address type whose slices get hints
 */
record TopologyHints(ZoneShares shares, String family) {

    /**
     * The writes with their hints.
     *
     * @param refusal why there are none, or empty
     */
    record Outcome(List<Action> actions, String refusal) {}

    private record Allotment(int minimum, int maximum, double desired) {}

    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why);
        }
    }

    /** Whether a service asks for hints. */
    static boolean wanted(Service service) {
        Map<String, String> annotations =
                Optional.ofNullable(service.getMetadata().getAnnotations()).orElse(Map.of());
        String mode = annotations.getOrDefault(
                "service.kubernetes.io/topology-aware-hints",
                annotations.getOrDefault("service.kubernetes.io/topology-mode", ""));
        return mode.equals("Auto") || mode.equals("auto");
    }

    /** Gives endpoints the hints that they have, so that a slice is not written for them alone. */
    static void carryOver(Collection<List<Endpoint>> wanted, List<EndpointSlice> existing) {
        Map<String, EndpointHints> hints = new HashMap<>();
        existing.forEach(slice -> slice.getEndpoints().stream()
                .filter(endpoint -> endpoint.getHints() != null)
                .forEach(endpoint -> hints.put(SlicePlan.identity(endpoint), endpoint.getHints())));
        wanted.forEach(endpoints -> endpoints.replaceAll(endpoint -> endpoint.edit()
                .withHints(hints.get(SlicePlan.identity(endpoint)))
                .build()));
    }

    /** How many endpoints of {@code slices} are meant for each zone. */
    static Map<String, Integer> count(Collection<EndpointSlice> slices) {
        Map<String, Integer> zones = new TreeMap<>();
        slices.forEach(slice -> slice.getEndpoints()
                .forEach(endpoint -> zones(endpoint).forEach(zone -> zones.merge(zone, 1, Integer::sum))));
        return zones;
    }

    /**
     * @param actions creations, updates and deletions of slices; those of other address types pass
     * @param existing all slices as they are
     */
    Outcome apply(List<Action> actions, List<EndpointSlice> existing) {
        Set<String> touched = new HashSet<>();
        List<Action> others = new ArrayList<>();
        List<EndpointSlice> created = new ArrayList<>();
        List<EndpointSlice> updated = new ArrayList<>();
        for (Action action : actions) {
            switch (action) {
                case Action.Create(EndpointSlice slice)
                when slice.getAddressType().equals(family) -> created.add(slice);
                case Action.Update(EndpointSlice slice)
                when slice.getAddressType().equals(family) -> {
                    updated.add(slice);
                    touched.add(slice.getMetadata().getName());
                }
                case Action.Delete delete -> {
                    touched.add(delete.key().name());
                    others.add(delete);
                }
                default -> others.add(action);
            }
        }
        List<EndpointSlice> unchanged = existing.stream()
                .filter(slice -> slice.getAddressType().equals(family))
                .filter(slice -> !touched.contains(slice.getMetadata().getName()))
                .toList();
        String refusal = "";
        try {
            allot(created, updated, unchanged);
        } catch (Refused refused) {
            refusal = String.valueOf(refused.getMessage());
            created.replaceAll(slice -> with(slice, endpoint -> null));
            updated.replaceAll(slice -> with(slice, endpoint -> null));
            unchanged.stream()
                    .filter(slice -> slice.getEndpoints().stream().anyMatch(endpoint -> endpoint.getHints() != null))
                    .forEach(slice -> updated.add(with(forHintsAlone(slice), endpoint -> null)));
        }
        List<Action> hinted = new ArrayList<>();
        created.forEach(slice -> hinted.add(new Action.Create(slice)));
        updated.forEach(slice -> hinted.add(new Action.Update(slice)));
        hinted.addAll(others);
        return new Outcome(hinted, refusal);
    }

    private void allot(List<EndpointSlice> created, List<EndpointSlice> updated, List<EndpointSlice> unchanged)
            throws Refused {
        int ready = ready(created) + ready(updated) + ready(unchanged);
        Map<String, Allotment> allotments = allotments(ready);
        Map<String, Integer> given = new TreeMap<>();
        for (EndpointSlice slice : unchanged) {
            Optional<Map<String, Integer>> kept = kept(slice, given, allotments);
            kept.ifPresentOrElse(
                    zones -> zones.forEach((zone, count) -> given.merge(zone, count, Integer::sum)),
                    () -> updated.add(forHintsAlone(slice)));
        }
        for (EndpointSlice slice : concat(created, updated)) {
            for (Endpoint endpoint : slice.getEndpoints()) {
                if (isReady(endpoint)) {
                    if (endpoint.getZone() == null || endpoint.getZone().isEmpty()) {
                        throw new Refused("One or more endpoints do not have a zone specified");
                    }
                    given.merge(endpoint.getZone(), 1, Integer::sum);
                }
            }
        }
        Map<String, Integer> givers = new TreeMap<>();
        Map<String, Integer> takers = new TreeMap<>();
        movements(allotments, given, givers, takers);
        created.replaceAll(slice -> with(slice, endpoint -> zoneFor(endpoint, givers, takers)));
        updated.replaceAll(slice -> with(slice, endpoint -> zoneFor(endpoint, givers, takers)));
        if (given.isEmpty()) {
            throw new Refused("No hints allocated for zones");
        }
    }

    private Map<String, Allotment> allotments(int endpoints) throws Refused {
        Map<String, Double> zones = shares.byZone();
        if (zones.isEmpty()) {
            throw new Refused(
                    "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes");
        }
        String counted = " (%d endpoints, %d zones)".formatted(endpoints, zones.size());
        if (zones.size() > endpoints) {
            throw new Refused("Insufficient number of endpoints" + counted);
        }
        int spare = endpoints
                - zones.values().stream()
                        .mapToInt(share -> ZoneShares.minimum(share, endpoints))
                        .sum();
        if (spare < 0) {
            throw new Refused("Unable to allocate minimum required endpoints to each zone without exceeding overload"
                    + " threshold" + counted);
        }
        Map<String, Allotment> allotments = new TreeMap<>();
        zones.forEach((zone, share) -> {
            int minimum = ZoneShares.minimum(share, endpoints);
            allotments.put(zone, new Allotment(minimum, minimum + spare, Math.max(share * endpoints, minimum)));
        });
        return allotments;
    }

    /** The hints of a slice that may stay as it is; empty when it must be written anew. */
    private static Optional<Map<String, Integer>> kept(
            EndpointSlice slice, Map<String, Integer> given, Map<String, Allotment> allotments) {
        Map<String, Integer> zones = new HashMap<>();
        for (Endpoint endpoint : slice.getEndpoints()) {
            if (!isReady(endpoint)) {
                continue;
            }
            if (zones(endpoint).isEmpty() || !allotments.keySet().containsAll(zones(endpoint))) {
                return Optional.empty();
            }
            zones(endpoint).forEach(zone -> zones.merge(zone, 1, Integer::sum));
        }
        boolean fits = allotments.entrySet().stream()
                .allMatch(zone -> zones.getOrDefault(zone.getKey(), 0) + given.getOrDefault(zone.getKey(), 0)
                        <= zone.getValue().maximum());
        return fits ? Optional.of(zones) : Optional.empty();
    }

    /** Who has whole endpoints too many, and who lacks them: the most of either first. */
    private static void movements(
            Map<String, Allotment> allotments,
            Map<String, Integer> given,
            Map<String, Integer> givers,
            Map<String, Integer> takers) {
        Map<String, Double> above = new TreeMap<>();
        Map<String, Double> below = new TreeMap<>();
        allotments.forEach((zone, allotment) -> {
            double more = given.getOrDefault(zone, 0) - allotment.desired();
            (more > 0 ? above : below).put(zone, Math.abs(more));
        });
        while (true) {
            Optional<Map.Entry<String, Double>> giver = most(above);
            Optional<Map.Entry<String, Double>> taker = most(below);
            double surplus = giver.map(Map.Entry::getValue).orElse(0.0);
            double lack = taker.map(Map.Entry::getValue).orElse(0.0);
            if (giver.isEmpty() || taker.isEmpty() || Math.max(surplus, lack) < 1 || Math.min(surplus, lack) < 0.5) {
                return;
            }
            givers.merge(giver.get().getKey(), 1, Integer::sum);
            above.merge(giver.get().getKey(), -1.0, Double::sum);
            takers.merge(taker.get().getKey(), 1, Integer::sum);
            below.merge(taker.get().getKey(), -1.0, Double::sum);
        }
    }

    private static Optional<Map.Entry<String, Double>> most(Map<String, Double> zones) {
        return zones.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::copyOf);
    }

    private static @Nullable String zoneFor(
            Endpoint endpoint, Map<String, Integer> givers, Map<String, Integer> takers) {
        if (!isReady(endpoint)) {
            return null;
        }
        String own = endpoint.getZone();
        Optional<String> other = givers.getOrDefault(own, 0) == 0
                ? Optional.empty()
                : takers.entrySet().stream()
                        .filter(zone -> zone.getValue() > 0)
                        .map(Map.Entry::getKey)
                        .findFirst();
        other.ifPresent(zone -> {
            givers.merge(own, -1, Integer::sum);
            takers.merge(zone, -1, Integer::sum);
        });
        return other.orElse(own);
    }

    /** No change of a pod or service caused the write. */
    private static EndpointSlice forHintsAlone(EndpointSlice slice) {
        return slice.edit()
                .editMetadata()
                .removeFromAnnotations(ServicePods.TRIGGER_ANNOTATION)
                .endMetadata()
                .build();
    }

    private interface ZoneChoice {
        @Nullable String zone(Endpoint endpoint);
    }

    private static EndpointSlice with(EndpointSlice slice, ZoneChoice choice) {
        return slice.edit()
                .withEndpoints(slice.getEndpoints().stream()
                        .map(endpoint -> endpoint.edit()
                                .withHints(hints(choice.zone(endpoint)))
                                .build())
                        .toList())
                .build();
    }

    private static @Nullable EndpointHints hints(@Nullable String zone) {
        return zone == null
                ? null
                : new EndpointHintsBuilder()
                        .addNewForZone()
                        .withName(zone)
                        .endForZone()
                        .build();
    }

    private static List<String> zones(Endpoint endpoint) {
        return endpoint.getHints() == null || endpoint.getHints().getForZones() == null
                ? List.of()
                : endpoint.getHints().getForZones().stream()
                        .map(zone -> zone.getName())
                        .toList();
    }

    private static int ready(List<EndpointSlice> slices) {
        return (int) slices.stream()
                .flatMap(slice -> slice.getEndpoints().stream())
                .filter(TopologyHints::isReady)
                .count();
    }

    private static boolean isReady(Endpoint endpoint) {
        return endpoint.getConditions() != null
                && Boolean.TRUE.equals(endpoint.getConditions().getReady());
    }

    private static List<EndpointSlice> concat(List<EndpointSlice> first, List<EndpointSlice> second) {
        List<EndpointSlice> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
