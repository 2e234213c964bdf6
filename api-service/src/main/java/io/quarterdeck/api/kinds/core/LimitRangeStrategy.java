package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** LimitRanges: smallest, largest and default resources of what a namespace holds. */
@Component
final class LimitRangeStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(LimitRangeStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("", "limitranges");
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        if (next.name().isEmpty()) {
            next.set("metadata.name", UUID.randomUUID().toString());
        }
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field range) {
        Set<String> types = new HashSet<>();
        for (Field limit : range.at("spec.limits").items()) {
            Field type = limit.at("type");
            type.format(Formats::qualifiedName);
            if (!type.empty()
                    && !type.text().contains("/")
                    && !List.of("Pod", "Container", "PersistentVolumeClaim").contains(type.text())) {
                type.invalid("must be a standard limit type or fully qualified");
            }
            if (!types.add(type.text())) {
                type.duplicate();
            }
            limit(limit, type.text());
        }
    }

    private static void limit(Field limit, String type) {
        Set<String> names = new TreeSet<>();
        for (String map : List.of("max", "min")) {
            limit.at(map).entries((name, quantity) -> {
                name(type, name, quantity);
                names.add(name);
            });
        }
        if (type.equals("Pod")) {
            for (String map : List.of("default", "defaultRequest")) {
                if (!limit.at(map).empty()) {
                    limit.at(map).forbidden("may not be specified when `type` is 'Pod'");
                }
            }
        } else {
            for (String map : List.of("default", "defaultRequest")) {
                limit.at(map).entries((name, quantity) -> {
                    name(type, name, quantity);
                    names.add(name);
                });
            }
        }
        if (type.equals("PersistentVolumeClaim")
                && !limit.at("min").node().has("storage")
                && !limit.at("max").node().has("storage")) {
            limit.as(limit.path() + ".limits")
                    .required("either minimum or maximum storage value is required, but neither was provided");
        }
        limit.at("maxLimitRequestRatio").entries((name, quantity) -> {
            name(type, name, quantity);
            names.add(name);
        });
        names.forEach(name -> order(limit, name));
    }

    private static void name(String type, String name, Field field) {
        if (type.equals("Pod") || type.equals("Container")) {
            ResourceRules.containerResourceName(name, field);
        } else {
            ResourceRules.name(name, field);
        }
    }

    private static Optional<Quantity> value(Field limit, String map, String name) {
        return ResourceRules.quantity(limit.node().path(map).path(name));
    }

    private static void order(Field limit, String name) {
        Optional<Quantity> min = value(limit, "min", name);
        Optional<Quantity> max = value(limit, "max", name);
        Optional<Quantity> standard = value(limit, "default", name);
        Optional<Quantity> request = value(limit, "defaultRequest", name);
        Optional<Quantity> ratio = value(limit, "maxLimitRequestRatio", name);
        notAbove(limit, "min", name, min, "min value", max, "max value", min);
        notAbove(limit, "defaultRequest", name, min, "min value", request, "default request value", request);
        notAbove(limit, "defaultRequest", name, request, "default request value", max, "max value", request);
        notAbove(
                limit,
                "defaultRequest",
                name,
                request,
                "default request value",
                standard,
                "default limit value",
                request);
        notAbove(limit, "default", name, min, "min value", standard, "default value", min);
        notAbove(limit, "default", name, standard, "default value", max, "max value", max);
        Field ratioField = limit.at("maxLimitRequestRatio").key(name);
        if (ratio.isPresent() && ratio.get().compareTo(Quantity.of(1)) < 0) {
            ratioField.invalidValue(ratio.get().toString(), "ratio %s is less than 1".formatted(ratio.get()));
        }
        if (ratio.isPresent() && min.isPresent() && max.isPresent() && min.get().signum() > 0) {
            BigDecimal most = max.get().value().divide(min.get().value(), 9, RoundingMode.HALF_UP);
            if (ratio.get().value().compareTo(most) > 0) {
                ratioField.invalidValue(
                        ratio.get().toString(),
                        "ratio %s is greater than max/min = %f".formatted(ratio.get(), most.doubleValue()));
            }
        }
        boolean bound = ResourceRules.nativeResource(name) && !ResourceRules.hugePages(name);
        if (!bound && standard.isPresent() && request.isPresent() && !standard.equals(request)) {
            limit.at("defaultRequest")
                    .key(name)
                    .invalidValue(
                            request.get().toString(),
                            "default value %s must equal to defaultRequest value %s in %s"
                                    .formatted(standard.get(), request.get(), name));
        }
    }

    private static void notAbove(
            Field limit,
            String field,
            String name,
            Optional<Quantity> low,
            String lowName,
            Optional<Quantity> high,
            String highName,
            Optional<Quantity> shown) {
        if (low.isPresent() && high.isPresent() && low.get().compareTo(high.get()) > 0) {
            limit.at(field)
                    .key(name)
                    .invalidValue(
                            shown.orElseThrow().toString(),
                            "%s %s is greater than %s %s".formatted(lowName, low.get(), highName, high.get()));
        }
    }
}
