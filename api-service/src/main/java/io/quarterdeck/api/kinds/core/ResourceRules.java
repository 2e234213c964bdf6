package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.Quantity;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;

/**
 * Rules about quantities and the names of compute resources. Source: Kubernetes documentation "Resource Management for Pods
 * and Containers"; upstream {@code pkg/apis/core/validation}.
 */
public final class ResourceRules {

    private static final Set<String> CONTAINER = Set.of("cpu", "memory", "ephemeral-storage");
    private static final Set<String> OBJECT_COUNTS = Set.of(
            "pods",
            "resourcequotas",
            "services",
            "replicationcontrollers",
            "secrets",
            "configmaps",
            "persistentvolumeclaims",
            "services.nodeports",
            "services.loadbalancers");
    private static final Set<String> QUOTA_ONLY = Set.of(
            "requests.cpu",
            "requests.memory",
            "requests.storage",
            "requests.ephemeral-storage",
            "limits.cpu",
            "limits.memory",
            "limits.ephemeral-storage");

    private ResourceRules() {}

    public static Optional<Quantity> quantity(JsonNode node) {
        if (!node.isString()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Quantity.parse(node.stringValue()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public static Quantity quantityOrZero(JsonNode node) {
        return quantity(node).orElse(Quantity.ZERO);
    }

    public static void nonNegative(Field field) {
        quantity(field.node())
                .filter(quantity -> quantity.signum() < 0)
                .ifPresent(quantity -> field.invalidValue(quantity.toString(), "must be greater than or equal to 0"));
    }

    public static void positive(Field field) {
        quantity(field.node())
                .filter(quantity -> quantity.signum() <= 0)
                .ifPresent(quantity -> field.invalidValue(quantity.toString(), "must be greater than zero"));
    }

    /** The quantity of a named resource: not negative, whole where the resource is counted. */
    public static void value(String resource, Field field) {
        nonNegative(field);
        if (counted(resource)
                && quantity(field.node())
                        .filter(quantity -> quantity.milliValue() % 1000 != 0)
                        .isPresent()) {
            field.invalidValue(quantityOrZero(field.node()).toString(), "must be an integer");
        }
    }

    /** A resource name of any use. */
    public static void name(String name, Field field) {
        List<String> problems = Formats.qualifiedName(name);
        problems.forEach(problem -> field.invalidValue(name, problem));
        if (problems.isEmpty() && !name.contains("/") && !standard(name)) {
            field.invalidValue(name, "must be a standard resource type or fully qualified");
        }
    }

    public static void containerResourceName(String name, Field field) {
        name(name, field);
        if (!name.contains("/")) {
            if (!CONTAINER.contains(name) && !hugePages(name)) {
                field.invalidValue(name, "must be a standard resource for containers");
            }
        } else if (!nativeResource(name) && !extended(name)) {
            field.invalidValue(name, "doesn't follow extended resource name standard");
        }
    }

    public static void quotaResourceName(String name, Field field) {
        name(name, field);
        if (!name.contains("/") && !standardQuota(name)) {
            field.invalidValue(name, "must be a standard resource for quota");
        }
    }

    /** Requests and limits of a container; {@code claims} are the names of the pod's resource claims. */
    static void requirements(Field resources, Set<String> claims) {
        requirements(resources, ResourceRules::containerResourceName);
        claims(resources.at("claims"), claims);
    }

    private static void requirements(Field resources, BiConsumer<String, Field> nameRule) {
        Field limits = resources.at("limits");
        Field requests = resources.at("requests");
        Set<String> names = new HashSet<>();
        limits.entries((name, quantity) -> {
            nameRule.accept(name, quantity);
            value(name, quantity);
            names.add(name);
        });
        requests.entries((name, quantity) -> {
            nameRule.accept(name, quantity);
            value(name, quantity);
            names.add(name);
            Optional<Quantity> limit = quantity(limits.node().path(name));
            Quantity request = quantityOrZero(quantity.node());
            if (limit.isPresent()) {
                if (!overcommittable(name) && request.compareTo(limit.get()) != 0) {
                    requests.invalidValue(
                            request.toString(), "must be equal to %s limit of %s".formatted(name, limit.get()));
                } else if (request.compareTo(limit.get()) > 0) {
                    requests.invalidValue(
                            request.toString(),
                            "must be less than or equal to %s limit of %s".formatted(name, limit.get()));
                }
            } else if (!overcommittable(name)) {
                limits.required("Limit must be set for non overcommitable resources");
            }
        });
        if (names.stream().anyMatch(ResourceRules::hugePages) && !names.contains("cpu") && !names.contains("memory")) {
            resources.forbidden("HugePages require cpu or memory");
        }
    }

    /** Resources of the pod as a whole. */
    static void podRequirements(Field resources, Field spec) {
        if (!resources.present()) {
            return;
        }
        if (resources.at("claims").present()) {
            resources.at("claims").forbidden("claims cannot be set for Resources at pod-level");
        }
        requirements(resources, (name, field) -> {
            if (!name.equals("cpu") && !name.equals("memory") && !hugePages(name)) {
                field.unsupportedValue(name, List.of("cpu", "hugepages-", "memory"));
            }
        });
        for (String name : List.of("cpu", "memory")) {
            Quantity sum = Quantity.ZERO;
            boolean any = false;
            for (Field container : spec.at("containers").items()) {
                JsonNode request =
                        container.node().path("resources").path("requests").path(name);
                any |= request.isString();
                sum = sum.plus(quantityOrZero(request));
            }
            Quantity request = quantityOrZero(resources.node().path("requests").path(name));
            if (any && sum.compareTo(request) > 0) {
                resources
                        .at("requests")
                        .key(name)
                        .invalidValue(
                                request.toString(),
                                "must be greater than or equal to aggregate container requests of " + sum);
            }
        }
        for (Field container : spec.at("containers").items()) {
            container.at("resources.limits").entries((name, limit) -> {
                Optional<Quantity> podLimit =
                        quantity(resources.node().path("limits").path(name));
                Quantity containerLimit = quantityOrZero(limit.node());
                if (podLimit.isPresent() && containerLimit.compareTo(podLimit.get()) > 0) {
                    limit.as(container.path().replace("spec.", resources.path() + ".") + "[" + name + "].limits")
                            .invalidValue(
                                    containerLimit.toString(),
                                    "must be less than or equal to pod limits of " + podLimit.get());
                }
            });
        }
    }

    private static void claims(Field claims, Set<String> podClaims) {
        Set<String> seen = new HashSet<>();
        for (Field claim : claims.items()) {
            Field name = claim.at("name").as(claim.path());
            if (name.empty()) {
                name.required();
                continue;
            }
            if (!seen.add(name.text())) {
                name.duplicate();
            }
            if (!podClaims.contains(name.text())) {
                name.notFound();
            }
        }
    }

    public static boolean hugePages(String name) {
        return name.startsWith("hugepages-");
    }

    static boolean overcommittable(String name) {
        return nativeResource(name) && !hugePages(name);
    }

    static boolean nativeResource(String name) {
        return !name.contains("/") || name.contains("kubernetes.io/");
    }

    static boolean extended(String name) {
        return !nativeResource(name)
                && !name.startsWith("requests.")
                && Formats.qualifiedName("requests." + name).isEmpty();
    }

    private static boolean counted(String name) {
        return OBJECT_COUNTS.contains(name) || extended(name);
    }

    private static boolean standard(String name) {
        return CONTAINER.contains(name)
                || OBJECT_COUNTS.contains(name)
                || QUOTA_ONLY.contains(name)
                || hugePages(name)
                || name.equals("storage");
    }

    private static boolean standardQuota(String name) {
        return CONTAINER.contains(name)
                || OBJECT_COUNTS.contains(name)
                || QUOTA_ONLY.contains(name)
                || hugePages(name)
                || name.startsWith("requests.hugepages-")
                || name.startsWith("limits.hugepages-")
                || name.startsWith("count/");
    }
}
