package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.model.Formats;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Rules about containers, init containers and ephemeral containers of a pod spec. */
final class ContainerRules {

    private static final Set<String> EPHEMERAL_FIELDS = Set.of(
            "name",
            "image",
            "command",
            "args",
            "workingDir",
            "env",
            "envFrom",
            "volumeMounts",
            "terminationMessagePath",
            "terminationMessagePolicy",
            "imagePullPolicy",
            "securityContext",
            "stdin",
            "stdinOnce",
            "tty",
            "targetContainerName",
            "resources");

    /** What the containers of one pod share. */
    record Scope(
            Field spec,
            Map<String, JsonNode> volumes,
            Set<String> claims,
            long gracePeriod,
            String restartPolicy,
            boolean hostUsers) {}

    private ContainerRules() {}

    /** All containers in the order init, regular, ephemeral. */
    static List<Field> all(Field spec) {
        List<Field> all = new ArrayList<>(spec.at("initContainers").items());
        all.addAll(spec.at("containers").items());
        all.addAll(spec.at("ephemeralContainers").items());
        return all;
    }

    static void check(Scope scope) {
        regular(scope);
        init(scope);
        ephemeral(scope);
    }

    private static void regular(Scope scope) {
        Field containers = scope.spec().at("containers");
        if (!containers.require()) {
            return;
        }
        Set<String> names = new HashSet<>();
        for (Field container : containers.items()) {
            common(container, scope);
            Field name = container.at("name");
            if (!names.add(name.text())) {
                name.duplicate();
            }
            probes(container, scope);
            container.at("restartPolicy").ifPresent(policy -> {
                restartPolicy(policy, "Always", "Never", "OnFailure");
            });
            restartRules(container);
        }
        hostPorts(containers.items());
    }

    private static void init(Scope scope) {
        Set<String> names = new HashSet<>();
        scope.spec()
                .at("containers")
                .items()
                .forEach(container -> names.add(container.at("name").text()));
        for (Field container : scope.spec().at("initContainers").items()) {
            common(container, scope);
            Field policy = container.at("restartPolicy");
            policy.ifPresent(present -> restartPolicy(present, "Always", "Never", "OnFailure"));
            restartRules(container);
            Field name = container.at("name");
            if (names.contains(name.text())) {
                name.duplicate();
            } else if (!name.empty()) {
                names.add(name.text());
            }
            hostPorts(List.of(container));
            if (policy.is("Always")) {
                probes(container, scope);
            } else {
                for (String field : List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")) {
                    container
                            .at(field)
                            .ifPresent(present -> present.forbidden(
                                    "may not be set for init containers without restartPolicy=Always"));
                }
            }
        }
    }

    private static void ephemeral(Scope scope) {
        Set<String> others = new HashSet<>();
        for (String list : List.of("containers", "initContainers")) {
            scope.spec()
                    .at(list)
                    .items()
                    .forEach(container -> others.add(container.at("name").text()));
        }
        Set<String> names = new HashSet<>(others);
        for (Field container : scope.spec().at("ephemeralContainers").items()) {
            common(container, scope);
            imagePadding(container);
            Field name = container.at("name");
            if (!names.add(name.text())) {
                name.duplicate();
            }
            Field target = container.at("targetContainerName");
            if (!target.empty() && !others.contains(target.text())) {
                target.notFound();
            }
            for (String field : container.node().propertyNames()) {
                if (!EPHEMERAL_FIELDS.contains(field)
                        || (field.equals("resources") && !container.at(field).empty())) {
                    container.at(field).forbidden("cannot be set for an Ephemeral Container");
                }
            }
            for (Field mount : container.at("volumeMounts").items()) {
                for (String field : List.of("subPath", "subPathExpr")) {
                    if (!mount.at(field).empty()) {
                        mount.at(field).forbidden("cannot be set for an Ephemeral Container");
                    }
                }
            }
        }
    }

    private static void probes(Field container, Scope scope) {
        HandlerRules.lifecycle(container.at("lifecycle"), scope.gracePeriod());
        HandlerRules.livenessProbe(container.at("livenessProbe"), scope.gracePeriod());
        HandlerRules.readinessProbe(container.at("readinessProbe"), scope.gracePeriod());
        HandlerRules.startupProbe(container.at("startupProbe"), scope.gracePeriod());
    }

    private static void restartPolicy(Field policy, String... supported) {
        policy.oneOf(supported);
    }

    private static void restartRules(Field container) {
        Field rules = container.at("restartPolicyRules");
        if (!rules.empty() && container.at("restartPolicy").empty()) {
            rules.required("must specify restartPolicy when restart rules are used");
        }
        if (rules.items().size() > 20) {
            rules.tooLong(20);
        }
        for (Field rule : rules.items()) {
            Field action = rule.at("action");
            if (action.empty()) {
                action.required("must be set");
            } else {
                action.oneOf("Restart", "RestartAllContainers");
            }
            Field codes = rule.at("exitCodes");
            if (!codes.present()) {
                codes.required("must be specified");
                continue;
            }
            codes.at("operator").oneOf("In", "NotIn");
            if (codes.at("values").items().size() > 255) {
                codes.at("values").tooLong(255);
            }
        }
    }

    private static void common(Field container, Scope scope) {
        container.at("name").requireFormat(Formats::label);
        container.at("image").require();
        Field message = container.at("terminationMessagePolicy");
        if (message.empty()) {
            message.required();
        } else {
            message.oneOf("File", "FallbackToLogsOnError");
        }
        ports(container.at("ports"));
        EnvironmentRules.env(container.at("env"), scope.volumes().keySet());
        EnvironmentRules.envFrom(container.at("envFrom"));
        MountRules.mounts(container, scope.volumes());
        MountRules.devices(container, scope.volumes());
        Field pull = container.at("imagePullPolicy");
        if (pull.empty()) {
            pull.required();
        } else {
            pull.oneOf("Always", "IfNotPresent", "Never");
        }
        ResourceRules.requirements(container.at("resources"), scope.claims());
        resizePolicy(container.at("resizePolicy"), scope.restartPolicy());
        SecurityRules.container(container.at("securityContext"), scope.hostUsers());
    }

    private static void ports(Field ports) {
        Set<String> names = new HashSet<>();
        for (Field port : ports.items()) {
            Field name = port.at("name");
            if (!name.empty()) {
                List<String> problems = Formats.portName(name.text());
                name.invalid(problems);
                if (problems.isEmpty() && !names.add(name.text())) {
                    name.duplicate();
                }
            }
            Field number = port.at("containerPort");
            if (number.number() == 0) {
                number.required();
            } else {
                number.invalid(Formats.port(number.number()));
            }
            Field host = port.at("hostPort");
            if (host.number() != 0) {
                host.invalid(Formats.port(host.number()));
            }
            Field protocol = port.at("protocol");
            if (protocol.require()) {
                protocol.oneOf("SCTP", "TCP", "UDP");
            }
        }
    }

    /** No two containers may want the same port of the node. */
    private static void hostPorts(List<Field> containers) {
        Set<String> taken = new HashSet<>();
        for (Field container : containers) {
            for (Field port : container.at("ports").items()) {
                Field host = port.at("hostPort");
                if (host.number() == 0) {
                    continue;
                }
                String key = "%s/%s/%d"
                        .formatted(port.at("protocol").text(), port.at("hostIP").text(), host.number());
                if (!taken.add(key)) {
                    host.duplicateValue(key);
                }
            }
        }
    }

    private static void resizePolicy(Field policies, String podRestartPolicy) {
        Set<String> resources = new HashSet<>();
        for (Field policy : policies.items()) {
            String resource = policy.at("resourceName").text();
            if (!resources.add(resource)) {
                policy.duplicateValue(resource);
            }
            if (resource.isEmpty()) {
                policies.required();
            } else if (!resource.equals("cpu") && !resource.equals("memory")) {
                policies.unsupportedValue(resource, List.of("cpu", "memory"));
            }
            String restart = policy.at("restartPolicy").text();
            if (restart.isEmpty()) {
                policies.required();
            } else if (!restart.equals("NotRequired") && !restart.equals("RestartContainer")) {
                policies.unsupportedValue(restart, List.of("NotRequired", "RestartContainer"));
            }
            if (podRestartPolicy.equals("Never") && !restart.equals("NotRequired")) {
                policies.invalidValue(restart, "must be 'NotRequired' when `restartPolicy` is 'Never'");
            }
        }
    }

    /** In pods, not in templates, an image must not be padded. */
    static void imagePadding(Field container) {
        Field image = container.at("image");
        if (!image.text().strip().equals(image.text())) {
            image.invalid("must not have leading or trailing whitespace");
        }
    }
}
