package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Questions after the state of the pools of a driver, answered once. */
@Component
final class ResourcePoolStatusRequestStrategy implements KindStrategy {

    private static final int MOST_POOLS = 1000;
    private static final Rules RULES = Rules.of(Rules.at("spec", ResourcePoolStatusRequestStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("resource.k8s.io", "resourcepoolstatusrequests");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void spec(Field spec) {
        if (spec.updating()) {
            spec.immutable();
            return;
        }
        spec.at("driver").requireFormat(DeviceRules::driver);
        Field pool = spec.at("poolName");
        if (!pool.empty()) {
            DeviceRules.pool(pool);
        }
        Field limit = spec.at("limit");
        if (limit.present() && limit.number() < 1) {
            limit.invalid("must be greater than or equal to 1");
        } else if (limit.number() > MOST_POOLS) {
            limit.invalid("must be less than or equal to " + MOST_POOLS);
        }
    }

    private static String sum(Document request, String field) {
        return request.has("status")
                ? Long.toString(request.items("status.pools").stream()
                        .mapToLong(pool -> pool.path(field).asLong(0))
                        .sum())
                : Cells.NONE;
    }

    private static String state(Document request) {
        for (JsonNode condition : request.items("status.conditions")) {
            if (condition.path("status").asString("").equals("True")) {
                return condition.path("type").asString("");
            }
        }
        return "Pending";
    }

    private static String completed(Document request, Instant now) {
        for (JsonNode condition : request.items("status.conditions")) {
            if (condition.path("type").asString("").equals("Complete")) {
                return Cells.since(condition.path("lastTransitionTime").asString(""), now);
            }
        }
        return Cells.NONE;
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("resourcepoolstatusrequests.resource.k8s.io")
                .text("Driver", "spec.driver")
                .text("Total", object -> sum(object, "totalDevices"))
                .text("Available", object -> sum(object, "availableDevices"))
                .text("Allocated", object -> sum(object, "allocatedDevices"))
                .text("Unavailable", object -> sum(object, "unavailableDevices"))
                .text(
                        "Errors",
                        object -> object.has("status")
                                ? Long.toString(object.items("status.pools").stream()
                                        .filter(pool -> pool.has("validationError"))
                                        .count())
                                : Cells.NONE)
                .number("Pools", "status.poolCount")
                .text("Status", ResourcePoolStatusRequestStrategy::state)
                .cell("Completed", (object, now) -> JsonNodeFactory.instance.stringNode(completed(object, now)))
                .columns();
    }
}
