package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Resource claims: devices that a pod asks for. */
@Component
final class ResourceClaimStrategy implements KindStrategy {

    private static final int MOST_CONSUMERS = 256;
    private static final int MOST_RESULTS = 32;
    private static final Rules RULES = Rules.of(Rules.at("spec", ResourceClaimStrategy::spec));
    private static final Rules STATUS_RULES = Rules.of(ResourceClaimStrategy::status);

    @Override
    public GroupResource resource() {
        return new GroupResource("resource.k8s.io", "resourceclaims");
    }

    @Override
    public boolean tabulates(String subresource) {
        return !subresource.equals("status");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS_RULES;
    }

    /** What cannot change need not be judged again. */
    private static void spec(Field spec) {
        if (spec.updating()) {
            spec.immutable();
        } else {
            DeviceRules.claim(spec.at("devices"));
        }
    }

    private static void status(Field claim) {
        Field reserved = claim.at("status.reservedFor");
        DeviceRules.set(
                reserved,
                MOST_CONSUMERS,
                consumer -> consumer.at("uid").text(),
                consumer -> List.of("resource", "name", "uid")
                        .forEach(field -> consumer.at(field).require()));
        Field allocation = claim.at("status.allocation");
        if (!reserved.items().isEmpty() && !allocation.present()) {
            reserved.forbidden("may not be specified when `allocated` is not set");
        }
        if (allocation.present() && allocation.old().isObject()) {
            allocation.immutable();
        } else if (allocation.present()) {
            Field results = allocation.at("devices.results");
            if (results.items().size() > MOST_RESULTS) {
                results.tooMany(results.items().size(), MOST_RESULTS);
            }
            results.items().forEach(result -> result(result, DeviceRules.names(claim.at("spec.devices.requests"))));
        }
    }

    private static void result(Field result, Map<String, Set<String>> requests) {
        DeviceRules.reference(result.at("request"), requests);
        result.at("driver").requireFormat(DeviceRules::driver);
        Field pool = result.at("pool");
        if (pool.require()) {
            DeviceRules.pool(pool);
        }
        result.at("device").format(Formats::label);
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
    }

    private static String state(Document claim) {
        List<String> states = new ArrayList<>();
        if (claim.deleting()) {
            states.add("deleted");
        }
        if (!claim.has("status.allocation")) {
            if (!claim.deleting()) {
                states.add("pending");
            }
        } else {
            states.add("allocated");
            states.add(claim.items("status.reservedFor").isEmpty() ? "" : "reserved");
            states.remove("");
        }
        return String.join(",", states);
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("resourceclaims.resource.k8s.io")
                .text("State", ResourceClaimStrategy::state)
                .columns();
    }
}
