package io.quarterdeck.api.kinds.flowcontrol;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Priority levels: how many requests of a kind run at once. */
@Component
final class PriorityLevelConfigurationStrategy implements KindStrategy {

    private static final SettableFields OF_STATUS = SettableFields.allBut("spec", "metadata");

    private static final Rules RULES = Rules.of(PriorityLevelConfigurationStrategy::check, Mandatory::priorityLevel);

    @Override
    public GroupResource resource() {
        return new GroupResource("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations");
    }

    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return subresource.equals("status") ? OF_STATUS : KindStrategy.super.settable(subresource, statusApart);
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field level) {
        Field spec = level.at("spec");
        Field type = spec.at("type");
        boolean exempt = type.is("Exempt");
        if (exempt != level.at("metadata.name").is("exempt") && (exempt || type.is("Limited"))) {
            type.invalid("must be 'Exempt' if and only if `name` is 'exempt'");
        }
        Field limited = spec.at("limited");
        switch (type.text()) {
            case "Exempt" -> limited.ifPresent(field -> field.forbidden("must be nil if the type is not Limited"));
            case "Limited" -> {
                spec.at("exempt").ifPresent(field -> field.forbidden("must be nil if the type is Limited"));
                if (limited.present()) {
                    limited(limited);
                } else {
                    limited.required("must not be empty when type is Limited");
                }
            }
            default -> type.unsupported("Exempt", "Limited");
        }
    }

    private static void limited(Field limited) {
        Field shares = limited.at("nominalConcurrencyShares");
        if (shares.number() < 0) {
            shares.invalid("must be a non-negative integer");
        }
        Field response = limited.at("limitResponse");
        Field queuing = response.at("queuing");
        switch (response.at("type").text()) {
            case "Reject" ->
                queuing.ifPresent(field -> field.forbidden("must be nil if limited.limitResponse.type is not Limited"));
            case "Queue" -> {
                if (queuing.present()) {
                    queuing(queuing);
                } else {
                    queuing.required("must not be empty if limited.limitResponse.type is Limited");
                }
            }
            default -> response.at("type").unsupported("Queue", "Reject");
        }
        Field lendable = limited.at("lendablePercent");
        if (lendable.present() && (lendable.number() < 0 || lendable.number() > 100)) {
            lendable.invalid("must be between 0 and 100, inclusive");
        }
        Field borrowing = limited.at("borrowingLimitPercent");
        if (borrowing.present() && borrowing.number() < 0) {
            borrowing.invalid("if specified, must be a non-negative integer");
        }
    }

    private static void queuing(Field queuing) {
        for (String field : List.of("queueLengthLimit", "queues")) {
            if (queuing.at(field).number() <= 0) {
                queuing.at(field).invalidValue(queuing.at(field).number(), "must be positive");
            }
        }
        Field hand = queuing.at("handSize");
        long queues = queuing.at("queues").number();
        if (queues > 10_000_000) {
            queuing.at("queues").invalid("must not be greater than 10000000");
        }
        if (hand.number() <= 0) {
            hand.invalidValue(hand.number(), "must be positive");
        } else if (hand.number() > queues) {
            hand.invalid("should not be greater than queues (%d)".formatted(queues));
        }
    }

    private static JsonNode number(Document object, String path) {
        JsonNode value = object.at(path);
        return value.isNumber() ? value : JsonNodeFactory.instance.stringNode(Cells.NONE);
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        KindStrategy.keepMetadata(next, old);
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io")
                .text("Type", "spec.type")
                .cell(
                        "NominalConcurrencyShares",
                        (object, now) -> number(object, "spec.limited.nominalConcurrencyShares"))
                .cell("Queues", (object, now) -> number(object, "spec.limited.limitResponse.queuing.queues"))
                .cell("HandSize", (object, now) -> number(object, "spec.limited.limitResponse.queuing.handSize"))
                .cell(
                        "QueueLengthLimit",
                        (object, now) -> number(object, "spec.limited.limitResponse.queuing.queueLengthLimit"))
                .columns();
    }
}
