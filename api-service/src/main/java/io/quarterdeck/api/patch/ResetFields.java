package io.quarterdeck.api.patch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which fields of built-in kinds a request cannot set, whatever it says: nobody comes to own them by it. The object itself
 * cannot set its status, the status nothing but itself; what is different is a table.
 *
 * <p>Source: the GetResetFields of upstream's strategies, as recorded answers show them.
 */
final class ResetFields {

    private static final List<String> SPEC = List.of("f:spec");
    private static final List<String> STATUS = List.of("f:status");
    private static final List<String> METADATA = List.of("f:metadata");

    /** Kinds whose status is no subresource. */
    private static final Set<String> WITHOUT_STATUS = Set.of("Event");

    private static final Map<String, List<List<String>>> MORE_OF_OBJECTS =
            Map.of("CertificateSigningRequest", List.of(SPEC));

    private static final Map<String, List<List<String>>> MORE_OF_STATUS = Map.of(
            "APIService", List.of(METADATA),
            "ServiceCIDR", List.of(METADATA),
            "ValidatingAdmissionPolicy", List.of(METADATA),
            "FlowSchema", List.of(METADATA),
            "PriorityLevelConfiguration", List.of(METADATA),
            "Deployment", List.of(List.of("f:metadata", "f:labels")),
            "Pod", List.of(List.of("f:metadata", "f:deletionTimestamp"), List.of("f:metadata", "f:ownerReferences")));

    private ResetFields() {}

    static List<List<String>> of(String kind, String subresource, boolean hasStatus) {
        List<List<String>> paths = new ArrayList<>();
        switch (subresource) {
            case "" -> {
                paths.addAll(MORE_OF_OBJECTS.getOrDefault(kind, List.of()));
                if (hasStatus && !WITHOUT_STATUS.contains(kind)) {
                    paths.add(STATUS);
                }
            }
            case "status" -> {
                paths.add(SPEC);
                paths.addAll(MORE_OF_STATUS.getOrDefault(kind, List.of()));
            }
            default -> {}
        }
        return paths;
    }
}
