package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which families of addresses a Service gets, where its author leaves that open, and what the cluster cannot give. Upstream
 * settles that before it looks at anything else of a Service. Pure.
 *
 * @param configured the one family that the cluster's addresses are of, {@code IPv4} or {@code IPv6}
 */
record ServiceFamilies(String configured) {

    private static final String POLICY = "spec.ipFamilyPolicy";
    private static final String FAMILIES = "spec.ipFamilies";
    private static final String ADDRESSES = "spec.clusterIPs";

    /** @throws StatusException 422 for what cannot be had here */
    void settle(Document next, @Nullable Document old) {
        if (next.text("spec.type").equals("ExternalName") || (old != null && keepsPreference(next, old))) {
            return;
        }
        boolean selectorless = next.text("spec.clusterIP").equals("None")
                && next.at("spec.selector").isEmpty();
        if (!next.has(POLICY)) {
            String before = old == null ? "" : old.text(POLICY);
            next.set(POLICY, !before.isEmpty() ? before : selectorless ? "RequireDualStack" : "SingleStack");
        }
        List<FieldError> findings = new ArrayList<>();
        Field service = Field.root(next, old, findings);
        ServiceRules.addresses(service.at("spec"));
        refuse(next, findings);

        boolean single = next.text(POLICY).equals("SingleStack");
        if (old != null) {
            reduce(next, old, single, service.at(POLICY));
        }
        ArrayNode addresses = list(next, ADDRESSES);
        ArrayNode families = list(next, FAMILIES);
        if (single) {
            Field policy = service.at(POLICY);
            if (addresses.size() == 2) {
                policy.invalid(
                        "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
            }
            if (families.size() == 2) {
                policy.invalid(
                        "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
            }
        }
        for (int i = families.size(); i < addresses.size() && !isNone(addresses.get(i)); i++) {
            String family = addresses.get(i).asString("").contains(":") ? "IPv6" : "IPv4";
            if (family.equals(configured)) {
                families.add(family);
            } else {
                service.at(ADDRESSES).index(i).invalidValue(addresses, family + " is not configured on this cluster");
            }
        }
        refuse(next, findings);

        if (selectorless) {
            if (families.isEmpty()) {
                families.add(configured);
            }
            if (families.size() < 2 && !single) {
                families.add(families.get(0).asString("").equals("IPv4") ? "IPv6" : "IPv4");
            }
        } else {
            if (next.text(POLICY).equals("RequireDualStack")) {
                service.at(POLICY).invalid("this cluster is not configured for dual-stack services");
            }
            service.at(FAMILIES).items().stream()
                    .filter(family -> !family.is(configured))
                    .forEach(family -> family.invalid("not configured on this cluster"));
            refuse(next, findings);
            if (families.isEmpty()) {
                families.add(configured);
            }
        }
        next.set(FAMILIES, families);
    }

    /** A Service that prefers two families keeps those it has until its author says otherwise. */
    private static boolean keepsPreference(Document next, Document old) {
        String before = old.text(POLICY);
        return next.text(POLICY).equals("PreferDualStack")
                && (before.isEmpty() || before.equals("PreferDualStack"))
                && next.same("spec.type", old)
                && sameList(next, old, ADDRESSES)
                && sameList(next, old, FAMILIES);
    }

    /** One family instead of two: the second goes; fewer without saying so is refused. */
    private static void reduce(Document next, Document old, boolean single, Field policy) {
        for (String field : List.of(ADDRESSES, FAMILIES)) {
            JsonNode left = next.at(field);
            if (single) {
                if (left.size() > 1 && sameList(next, old, field)) {
                    ArrayNode list = (ArrayNode) left;
                    while (list.size() > 1) {
                        list.remove(1);
                    }
                }
            } else if (!left.isEmpty() && left.size() < old.at(field).size()) {
                policy.invalid("must be 'SingleStack' to release the secondary "
                        + (field.equals(ADDRESSES) ? "cluster IP" : "IP family"));
            }
        }
    }

    private static boolean sameList(Document next, Document old, String field) {
        JsonNode left = next.at(field);
        JsonNode right = old.at(field);
        return left.isEmpty() ? right.isEmpty() : Values.same(left, right);
    }

    private static ArrayNode list(Document service, String field) {
        return service.at(field) instanceof ArrayNode present ? present : ((ObjectNode) service.tree()).arrayNode();
    }

    private static boolean isNone(JsonNode address) {
        return address.asString("").equals("None");
    }

    private static void refuse(Document service, List<FieldError> findings) {
        if (!findings.isEmpty()) {
            throw StatusException.invalid("", "Service", service.name(), findings);
        }
    }
}
