package io.quarterdeck.api.kinds.discovery;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.kinds.core.AddressRules;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Endpoint slices: where the pods of a Service are. */
@Component
final class EndpointSliceStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(EndpointSliceStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("discovery.k8s.io", "endpointslices");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        KindStrategy.countGeneration(next, old);
        if (!next.labels().equals(old.labels())) {
            next.set("metadata.generation", old.number("metadata.generation", 0) + 1);
        }
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        for (JsonNode endpoint : next.items("endpoints")) {
            ((ObjectNode) endpoint).remove("deprecatedTopology");
        }
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field slice) {
        Field type = slice.at("addressType");
        if (type.require()) {
            type.oneOf("FQDN", "IPv4", "IPv6");
        }
        if (type.changed()) {
            type.immutable();
            return;
        }
        endpoints(slice.at("endpoints"), type.text());
        ports(slice.at("ports"));
    }

    private static void endpoints(Field endpoints, String type) {
        if (endpoints.items().size() > 1000) {
            endpoints.tooMany(endpoints.items().size(), 1000);
            return;
        }
        for (Field endpoint : endpoints.items()) {
            Field addresses = endpoint.at("addresses");
            if (addresses.empty()) {
                addresses.required("must contain at least 1 address");
            } else if (addresses.items().size() > 100) {
                addresses.tooMany(addresses.items().size(), 100);
            }
            addresses.items().forEach(address -> address(address, addresses, type));
            endpoint.at("nodeName").ifPresent(name -> name.format(Formats::subdomain));
            endpoint.at("hostname").ifPresent(name -> name.format(Formats::label));
            Labels.check(endpoint.at("deprecatedTopology"));
            Set<String> seen = new HashSet<>();
            for (Field zone : endpoint.at("hints.forZones").items()) {
                Field name = zone.at("name");
                if (!seen.add(name.text())) {
                    name.duplicate();
                }
            }
        }
    }

    private static void address(Field address, Field addresses, String type) {
        switch (type) {
            case "IPv4", "IPv6" -> {
                Addresses.Ip ip = Addresses.parse(address.text());
                if (!Addresses.address(address.text()).isEmpty()) {
                    address.format(Addresses::address);
                } else if (ip != null && ip.v4() != type.equals("IPv4")) {
                    addresses.invalidValue(address.text(), "must be an %s address".formatted(type));
                } else {
                    AddressRules.notSpecial(address);
                }
            }
            case "FQDN" -> {
                String name = address.text().endsWith(".")
                        ? address.text().substring(0, address.text().length() - 1)
                        : address.text();
                if (!Formats.subdomain(name).isEmpty()) {
                    address.invalidValue(name, String.join(",", Formats.subdomain(name)));
                } else if (!name.contains(".")) {
                    address.invalid("should be a domain with at least two segments separated by dots");
                }
            }
            default -> {}
        }
    }

    private static void ports(Field ports) {
        if (ports.items().size() > 20000) {
            ports.tooMany(ports.items().size(), 20000);
            return;
        }
        Set<String> names = new HashSet<>();
        for (Field port : ports.items()) {
            Field name = port.at("name");
            if (!name.empty()) {
                name.format(Formats::label);
            }
            if (!names.add(name.text())) {
                name.duplicateValue(name.text());
            }
            Field protocol = port.at("protocol");
            if (protocol.require()) {
                protocol.oneOf("SCTP", "TCP", "UDP");
            }
            port.at("appProtocol").ifPresent(app -> app.format(Formats::qualifiedName));
        }
    }

    private static String portsText(JsonNode ports) {
        List<String> shown = new ArrayList<>();
        for (JsonNode port : ports) {
            shown.add(
                    port.path("port").isNumber()
                            ? Integer.toString(port.path("port").asInt())
                            : "*");
        }
        return shown.isEmpty() ? Cells.UNSET : Cells.limited(shown, 3, ",");
    }

    private static String endpointsText(JsonNode endpoints) {
        List<String> shown = new ArrayList<>();
        for (JsonNode endpoint : endpoints) {
            endpoint.path("addresses").forEach(address -> shown.add(address.asString("")));
        }
        return shown.isEmpty() ? Cells.UNSET : Cells.limited(shown, 3, ",");
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("endpointslices.discovery.k8s.io")
                .text("AddressType", "addressType")
                .text("Ports", object -> portsText(object.at("ports")))
                .text("Endpoints", object -> endpointsText(object.at("endpoints")))
                .columns();
    }
}
