package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Services. Source: Kubernetes API reference "Service"; KEP-563 (dual stack), KEP-1880 (address objects). */
@Component
final class ServiceStrategy implements KindStrategy {

    private static final Rules STATUS = Rules.of(ServiceRules::status);

    private final ServiceAllocation allocation;

    ServiceStrategy(ServiceAllocation allocation) {
        this.allocation = allocation;
    }

    @Override
    public GroupResource resource() {
        return new GroupResource("", "services");
    }

    @Override
    public NameRule nameRule() {
        return NameRule.DNS_LABEL;
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }

    @Override
    public void applyDefaults(Document service) {
        service.setIfAbsent("spec.sessionAffinity", "None");
        service.setIfAbsent("spec.type", "ClusterIP");
        switch (service.text("spec.sessionAffinity")) {
            case "None" -> service.remove("spec.sessionAffinityConfig");
            case "ClientIP" -> {
                if (!service.has("spec.sessionAffinityConfig.clientIP.timeoutSeconds")) {
                    service.set("spec.sessionAffinityConfig.clientIP.timeoutSeconds", 10800);
                }
            }
            default -> {}
        }
        for (JsonNode item : service.items("spec.ports")) {
            ObjectNode port = (ObjectNode) item;
            if (port.path("nodePort").asInt(-1) == 0) {
                port.remove("nodePort");
            }
        }
        ServiceShape shape = ServiceShape.of(service);
        if (shape.external()) {
            service.setIfAbsent("spec.externalTrafficPolicy", "Cluster");
        }
        if (!shape.type().equals("ExternalName")) {
            service.setIfAbsent("spec.internalTrafficPolicy", "Cluster");
        }
        if (shape.type().equals("LoadBalancer")) {
            if (!service.has("spec.allocateLoadBalancerNodePorts")) {
                service.set("spec.allocateLoadBalancerNodePorts", true);
            }
            for (JsonNode ingress : service.items("status.loadBalancer.ingress")) {
                if (!ingress.path("ip").asString("").isEmpty() && !ingress.has("ipMode")) {
                    ((ObjectNode) ingress).put("ipMode", "VIP");
                }
            }
        }
        if (!service.has("status.loadBalancer")) {
            service.object("status.loadBalancer");
        }
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set(
                "status",
                JsonNodeFactory.instance.objectNode().set("loadBalancer", JsonNodeFactory.instance.objectNode()));
        if (!next.text("spec.clusterIP").isEmpty() && next.at("spec.clusterIPs").isEmpty()) {
            next.object("spec").putArray("clusterIPs").add(next.text("spec.clusterIP"));
        }
        allocation.families().settle(next, null);
        allocation.requireOwner(next);
        allocation.requireFree(next, null, request.dryRun());
        if (request.dryRun()) {
            allocation.preview(next);
        }
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        ServiceChanges.carryOver(next, old);
        allocation.families().settle(next, old);
        allocation.requireFree(next, old, request.dryRun());
        if (request.dryRun()) {
            allocation.preview(next);
        }
        ServiceChanges.dropWhatTheTypeHadOnly(next, old);
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        next.keep("spec", old);
    }

    @Override
    public List<FieldError> validateCreate(Document next, RequestInfo request) {
        return CORE_FINALIZERS.and(ServiceRules.CREATE).check(next, null);
    }

    @Override
    public List<FieldError> validateUpdate(Document next, Document old, RequestInfo request) {
        return CORE_FINALIZERS.and(ServiceRules.UPDATE).check(next, old);
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    @Override
    public Enlisted enlist(Document next, Optional<Document> old, RequestInfo request) {
        return request.subresource().isEmpty() ? allocation.enlist(next, old, request) : Enlisted.NOTHING;
    }

    @Override
    public Enlisted enlistRemoval(Document object, RequestInfo request) {
        return allocation.release(object);
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        List<String> warnings = new ArrayList<>();
        if (old.isPresent() && Values.same(next.at("spec"), old.get().at("spec"))) {
            return warnings;
        }
        if (next.text("spec.clusterIP").equals("None")) {
            if (!next.text("spec.loadBalancerIP").isEmpty()) {
                warnings.add("spec.loadBalancerIP is ignored for headless services");
            }
            if (!next.items("spec.externalIPs").isEmpty()) {
                warnings.add("spec.externalIPs is ignored for headless services");
            }
            if (!next.text("spec.sessionAffinity").equals("None")) {
                warnings.add("spec.SessionAffinity is ignored for headless services");
            }
        }
        if (!next.items("spec.externalIPs").isEmpty()) {
            warnings.add("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
        }
        if (next.text("spec.trafficDistribution").equals("PreferClose")) {
            warnings.add("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
        }
        return warnings;
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(SelectableField.of("spec.clusterIP"), SelectableField.of("spec.type"));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("services")
                .text("Type", "spec.type")
                .text(
                        "Cluster-IP",
                        service -> Cells.orNone(
                                service.at("spec.clusterIPs").path(0).asString("")))
                .text("External-IP", ServiceStrategy::externalIp)
                .text("Port(s)", ServiceStrategy::ports)
                .text("Selector", service -> Cells.labels(service.at("spec.selector")))
                .columns();
    }

    private static String externalIp(Document service) {
        List<String> addresses = new ArrayList<>();
        String type = service.text("spec.type");
        if (type.equals("LoadBalancer")) {
            for (JsonNode ingress : service.items("status.loadBalancer.ingress")) {
                String ip = ingress.path("ip").asString("");
                addresses.add(ip.isEmpty() ? ingress.path("hostname").asString("") : ip);
            }
        }
        service.items("spec.externalIPs").forEach(ip -> addresses.add(ip.asString("")));
        return switch (type) {
            case "ExternalName" -> service.text("spec.externalName");
            case "LoadBalancer" -> addresses.isEmpty() ? "<pending>" : String.join(",", addresses);
            default -> Cells.orNone(String.join(",", addresses));
        };
    }

    private static String ports(Document service) {
        String ports = Cells.join(service.at("spec.ports"), port -> {
            int node = port.path("nodePort").asInt(0);
            return port.path("port").asInt(0) + (node == 0 ? "" : ":" + node) + "/"
                    + port.path("protocol").asString("");
        });
        return Cells.orNone(ports);
    }
}
