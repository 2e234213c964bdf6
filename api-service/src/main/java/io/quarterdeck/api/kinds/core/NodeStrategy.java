package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.InternalForm;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Nodes. Source: Kubernetes API reference "Node". */
@Component
final class NodeStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(NodeStrategy::check);
    private static final Rules STATUS = Rules.of(NodeStrategy::update);

    private static final Pattern FEATURE = Pattern.compile("[A-Z][a-zA-Z0-9]*(/[a-zA-Z0-9]+)*");

    /** What configured kubelets from here, and is no more. */
    private static final String CONFIGURED = "spec.configSource";

    private static final String CONFIGURED_STATUS = "status.config";

    @Override
    public GroupResource resource() {
        return new GroupResource("", "nodes");
    }

    @Override
    public boolean keepsStatusOnCreate() {
        return true;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.remove(CONFIGURED);
        next.remove(CONFIGURED_STATUS);
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        if (!old.has(CONFIGURED)) {
            next.remove(CONFIGURED);
        }
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        if (!old.has(CONFIGURED_STATUS)) {
            next.remove(CONFIGURED_STATUS);
        }
    }

    @Override
    public void applyDefaults(Document object) {
        // Old field and new list say the same; what only one of them says goes into the other.
        JsonNode blocks = object.at("spec.podCIDRs");
        String block = object.text("spec.podCIDR");
        if (!block.isEmpty() && blocks.isEmpty()) {
            object.object("spec").putArray("podCIDRs").add(block);
        } else if (block.isEmpty() && !blocks.isEmpty()) {
            object.set("spec.podCIDR", blocks.get(0).asString(""));
        }
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    private static void check(Field node) {
        if (node.updating()) {
            update(node);
            return;
        }
        taints(node.at("spec.taints").as("metadata.taints"));
        resources(node);
        features(node.at("status.declaredFeatures"));
        blocks(node.at("spec.podCIDRs"));
    }

    private static void features(Field features) {
        List<Field> items = features.items();
        for (int i = 0; i < items.size(); i++) {
            Field feature = items.get(i);
            if (Formats.bytes(feature.text()) > 253) {
                feature.invalid("invalid feature name %s: must be no more than 253 characters"
                        .formatted(GoQuote.quote(feature.text())));
            } else if (!FEATURE.matcher(feature.text()).matches()) {
                feature.invalid(
                        "invalid feature name %s: must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
                                .formatted(GoQuote.quote(feature.text())));
            }
            if (i + 1 < items.size()) {
                Field next = items.get(i + 1);
                int order = feature.text().compareTo(next.text());
                if (order == 0) {
                    next.duplicate();
                } else if (order > 0) {
                    next.invalid("list must be sorted alphabetically");
                }
            }
        }
    }

    private static void update(Field node) {
        resources(node);
        features(node.at("status.declaredFeatures"));
        Set<JsonNode> addresses = new HashSet<>();
        for (Field address : node.at("status.addresses").items()) {
            if (!addresses.add(address.node())) {
                address.duplicateValue(new Values.Raw("{\"Type\":%s,\"Address\":%s}"
                        .formatted(
                                GoQuote.quote(address.at("type").text()),
                                GoQuote.quote(address.at("address").text()))));
            }
        }
        Field blocks = node.at("spec.podCIDRs");
        if (!blocks.old().isEmpty()) {
            String refusal = "node updates may not change podCIDR except from \"\" to valid";
            if (blocks.node().size() != blocks.old().size()) {
                blocks.forbidden(refusal);
            } else {
                for (int i = 0; i < blocks.old().size(); i++) {
                    if (!blocks.old().get(i).equals(blocks.node().get(i))) {
                        blocks.forbidden(refusal);
                    }
                }
            }
        }
        Field provider = node.at("spec.providerID");
        if (!provider.old().asString("").isEmpty() && provider.changed()) {
            provider.forbidden("node updates may not change providerID except from \"\" to valid");
        }
        taints(node.at("spec.taints").as("metadata.taints"));
        Field external = node.at("spec.externalID");
        if (!external.text().equals(external.old().asString(""))) {
            external.forbidden("may not be updated");
        }
    }

    private static void taints(Field taints) {
        Set<String> seen = new HashSet<>();
        for (Field taint : taints.items()) {
            taint.at("key").format(Formats::qualifiedName);
            Field value = taint.at("value");
            List<String> problems = Formats.labelValue(value.text());
            if (!problems.isEmpty()) {
                value.invalidValue(value.text(), String.join(";", problems));
            }
            Field effect = taint.at("effect");
            if (effect.require()) {
                SchedulingRules.taintEffect(effect);
            }
            if (!seen.add(taint.at("key").text() + ":" + effect.text())) {
                taint.duplicateValue(new Values.Raw(InternalForm.compact("Taint", taint.node())
                                .text() + ": taints must be unique by key and effect pair"));
            }
        }
    }

    private static void resources(Field node) {
        for (String list : List.of("capacity", "allocatable")) {
            Field resources = node.at("status").at(list);
            resources.entries(
                    (name, quantity) -> ResourceRules.value(name, quantity.as(resources.path() + "." + name)));
        }
    }

    private static void blocks(Field blocks) {
        Set<String> seen = new HashSet<>();
        int v4 = 0;
        int v6 = 0;
        for (Field block : blocks.items()) {
            block.format(Addresses::block);
            Addresses.Block parsed = Addresses.parseBlock(block.text());
            if (parsed != null && parsed.address().v4()) {
                v4++;
            } else if (parsed != null) {
                v6++;
            }
        }
        if (v4 > 1 || v6 > 1) {
            blocks.invalid("may specify no more than one CIDR for each IP family");
        }
        for (Field block : blocks.items()) {
            if (!seen.add(block.text())) {
                block.duplicate();
            }
        }
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        List<String> warnings = new ArrayList<>();
        if (next.has("spec.configSource")) {
            warnings.add("spec.configSource: the feature is removed");
        }
        if (!next.text("spec.externalID").isEmpty()) {
            warnings.add("spec.externalID: this field is deprecated, and is unused by Kubernetes");
        }
        return warnings;
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(SelectableField.of("spec.unschedulable", "false"));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("nodes")
                .text("Status", NodeStrategy::status)
                .text("Roles", NodeStrategy::roles)
                .text("Version", "status.nodeInfo.kubeletVersion")
                .text("Internal-IP", node -> address(node, "InternalIP"))
                .text("External-IP", node -> address(node, "ExternalIP"))
                .text("OS-Image", node -> Cells.orUnknown(node.text("status.nodeInfo.osImage")))
                .text("Kernel-Version", NodeStrategy::kernel)
                .text(
                        "Container-Runtime",
                        node -> Cells.orUnknown(node.text("status.nodeInfo.containerRuntimeVersion")))
                .columns();
    }

    private static String status(Document node) {
        List<String> words = new ArrayList<>();
        for (JsonNode condition : node.items("status.conditions")) {
            if (condition.path("type").asString("").equals("Ready")) {
                words.add(condition.path("status").asString("").equals("True") ? "Ready" : "NotReady");
            }
        }
        if (words.isEmpty()) {
            words.add("Unknown");
        }
        if (node.flag("spec.unschedulable")) {
            words.add("SchedulingDisabled");
        }
        return String.join(",", words);
    }

    private static String roles(Document node) {
        Set<String> roles = new TreeSet<>();
        node.labels().forEach((key, value) -> {
            if (key.startsWith("node-role.kubernetes.io/")) {
                roles.add(key.substring("node-role.kubernetes.io/".length()));
            } else if (key.equals("kubernetes.io/role") && !value.isEmpty()) {
                roles.add(value);
            }
        });
        roles.remove("");
        return roles.isEmpty() ? Cells.NONE : String.join(",", roles);
    }

    private static String address(Document node, String type) {
        return node.items("status.addresses").stream()
                .filter(address -> address.path("type").asString("").equals(type))
                .map(address -> address.path("address").asString(""))
                .findFirst()
                .orElse(Cells.NONE);
    }

    private static String kernel(Document node) {
        String version = node.text("status.nodeInfo.kernelVersion");
        String architecture = node.text("status.nodeInfo.architecture");
        return version.isEmpty() || architecture.isEmpty()
                ? Cells.orUnknown(version)
                : "%s (%s)".formatted(version, architecture);
    }
}
