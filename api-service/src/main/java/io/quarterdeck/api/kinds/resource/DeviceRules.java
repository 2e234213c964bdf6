package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.cel.CelCompilationException;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.CelProgram;
import io.quarterdeck.cel.CostBudget;
import io.quarterdeck.cel.DeclType;
import io.quarterdeck.model.Formats;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What device classes, claims and templates of claims have in common: selectors, configuration, requests.
 *
 * <p>Source: KEP-4381; limits of resource.k8s.io/v1.
 */
final class DeviceRules {

    private static final int MOST_REQUESTS = 32;
    private static final int MOST_SUB_REQUESTS = 8;
    private static final int LONGEST_EXPRESSION = 10 * 1024;
    private static final int LONGEST_PARAMETERS = 10 * 1024;
    private static final String NO_REQUEST =
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

    private static final DeclType DEVICE = new DeclType.ObjectOf(
            "kubernetes.DRADevice",
            Map.of(
                    "driver", DeclType.field("driver", DeclType.STRING),
                    "attributes", DeclType.field("attributes", DeclType.mapOf(DeclType.mapOf(DeclType.ANY))),
                    "capacity",
                            DeclType.field(
                                    "capacity",
                                    DeclType.mapOf(DeclType.mapOf(new DeclType.Library("kubernetes.Quantity")))),
                    "allowMultipleAllocations", DeclType.field("allowMultipleAllocations", DeclType.BOOL)));

    private static final CelEnvironment ENVIRONMENT = CelEnvironment.withBindings(Map.of("device", DEVICE));

    private DeviceRules() {}

    static void selectors(Field selectors) {
        atMost(selectors, MOST_REQUESTS);
        for (Field selector : selectors.items()) {
            Field cel = selector.at("cel");
            if (!cel.present()) {
                cel.required();
            } else {
                expression(cel.at("expression"));
            }
        }
    }

    private static void expression(Field expression) {
        String text = expression.text();
        if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST_EXPRESSION) {
            expression.tooLong(LONGEST_EXPRESSION);
            return;
        }
        try {
            CelProgram program = ENVIRONMENT.compile(text);
            if (!program.typeName().equals("bool") && program.type() != DeclType.ANY) {
                expression.invalidValue(text, "must evaluate to bool or the unknown type, not " + program.typeName());
            } else if (program.estimatedCost().max() > CostBudget.PER_CALL) {
                expression.forbidden("too complex, exceeds cost limit");
            }
        } catch (CelCompilationException e) {
            expression.invalidValue(text, String.valueOf(e.getMessage()));
        }
    }

    /** @param requests the requests that a configuration may name; null where there are none */
    static void configurations(Field configurations, @Nullable Map<String, Set<String>> requests) {
        atMost(configurations, MOST_REQUESTS);
        for (Field configuration : configurations.items()) {
            if (requests != null) {
                references(configuration.at("requests"), requests);
            }
            Field opaque = configuration.at("opaque");
            if (!opaque.present()) {
                opaque.required();
                continue;
            }
            opaque.at("driver").requireFormat(DeviceRules::driver);
            Field parameters = opaque.at("parameters");
            if (!parameters.present()) {
                parameters.required();
            } else if (!parameters.node().isObject()) {
                parameters.invalidValue("<value omitted>", "must be a valid JSON object");
            } else if (Values.json(parameters.node()).length() > LONGEST_PARAMETERS) {
                parameters.tooLong(LONGEST_PARAMETERS);
            }
        }
    }

    /** Drivers are named as those of storage are: upper case passes. */
    static List<String> driver(String name) {
        return Formats.subdomain(Formats.lower(name));
    }

    /** Subdomains with slashes between them. */
    static void pool(Field pool) {
        for (String part : pool.text().split("/", -1)) {
            Formats.subdomain(part).forEach(problem -> pool.invalidValue(part, problem));
        }
    }

    static void claim(Field devices) {
        Map<String, Set<String>> names = names(devices.at("requests"));
        set(devices.at("requests"), MOST_REQUESTS, DeviceRules::name, DeviceRules::request);
        Field constraints = devices.at("constraints");
        atMost(constraints, MOST_REQUESTS);
        for (Field constraint : constraints.items()) {
            references(constraint.at("requests"), names);
            if (constraint.at("matchAttribute").present()) {
                qualified(constraint.at("matchAttribute"));
            } else if (constraint.at("distinctAttribute").present()) {
                qualified(constraint.at("distinctAttribute"));
            } else {
                constraint.required(
                        "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set");
            }
        }
        configurations(devices.at("config"), names);
    }

    /** Requests by name, with the names of their alternatives. */
    static Map<String, Set<String>> names(Field requests) {
        Map<String, Set<String>> names = new HashMap<>();
        for (Field request : requests.items()) {
            Set<String> alternatives = new HashSet<>();
            request.at("firstAvailable").items().forEach(sub -> alternatives.add(name(sub)));
            names.put(name(request), alternatives);
        }
        return names;
    }

    private static String name(Field named) {
        return named.at("name").text();
    }

    private static void request(Field request) {
        request.at("name").format(Formats::label);
        Field exactly = request.at("exactly");
        Field alternatives = request.at("firstAvailable");
        boolean several = !alternatives.items().isEmpty();
        if (exactly.present() && several) {
            request.invalidValue(
                    null, "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set");
        } else if (exactly.present()) {
            devices(exactly);
        } else if (several) {
            set(alternatives, MOST_SUB_REQUESTS, DeviceRules::name, alternative -> {
                alternative.at("name").format(Formats::label);
                devices(alternative);
            });
        } else {
            request.required("exactly one of `exactly` or `firstAvailable` is required");
        }
    }

    private static void devices(Field request) {
        request.at("deviceClassName").requireFormat(Formats::subdomain);
        selectors(request.at("selectors"));
        Field mode = request.at("allocationMode");
        Field count = request.at("count");
        if (mode.is("All")) {
            if (count.number() != 0) {
                count.invalid("must not be specified when allocationMode is 'All'");
            }
        } else if (mode.is("ExactCount")) {
            if (count.number() <= 0) {
                count.invalidValue(count.number(), "must be greater than zero");
            }
        } else {
            mode.unsupported("All", "ExactCount");
        }
        request.at("tolerations").items().forEach(DeviceRules::toleration);
    }

    private static void toleration(Field toleration) {
        if (!toleration.at("key").empty()) {
            toleration.at("key").format(Formats::qualifiedName);
        }
        Field operator = toleration.at("operator");
        Field value = toleration.at("value");
        if (operator.is("Exists")) {
            if (!value.empty()) {
                value.invalid("must be empty for operator `Exists`");
            }
        } else if (operator.is("Equal")) {
            value.format(Formats::labelValue);
        } else if (operator.empty()) {
            operator.required();
        } else {
            operator.unsupported("Equal", "Exists");
        }
        toleration.at("effect").optionallyOneOf("NoExecute", "NoSchedule", "None");
    }

    /** {@code domain/identifier}, both given. */
    private static void qualified(Field attribute) {
        if (!attribute.require()) {
            return;
        }
        String text = attribute.text();
        if (!text.contains("/")) {
            attribute.invalid("must include a domain");
            return;
        }
        String domain = text.substring(0, text.indexOf('/'));
        Formats.subdomain(domain).forEach(problem -> attribute.invalidValue(domain, problem));
        String identifier = text.substring(text.indexOf('/') + 1);
        Formats.cIdentifier(identifier).forEach(problem -> attribute.invalidValue(identifier, problem));
    }

    static void references(Field requests, Map<String, Set<String>> names) {
        set(requests, MOST_REQUESTS, Field::text, request -> reference(request, names));
    }

    static void reference(Field reference, Map<String, Set<String>> names) {
        String text = reference.text();
        String[] parts = text.split("/", -1);
        if (parts.length > 2) {
            reference.invalidValue(text, NO_REQUEST);
            return;
        }
        for (String part : parts) {
            Formats.label(part).forEach(problem -> reference.invalidValue(part, problem));
        }
        Set<String> alternatives = names.get(parts[0]);
        if (alternatives == null || parts.length == 2 && !alternatives.contains(parts[1])) {
            reference.invalidValue(text, NO_REQUEST);
        }
    }

    /** A list whose items differ in what {@code key} sees of them. */
    static void set(Field list, int most, Function<Field, String> key, Consumer<Field> rule) {
        atMost(list, most);
        Set<String> seen = new HashSet<>();
        for (Field item : list.items()) {
            rule.accept(item);
            String name = key.apply(item);
            if (!seen.add(name)) {
                item.duplicateValue(name);
            }
        }
    }

    private static void atMost(Field list, int most) {
        List<Field> items = list.items();
        if (items.size() > most) {
            list.tooMany(items.size(), most);
        }
    }
}
