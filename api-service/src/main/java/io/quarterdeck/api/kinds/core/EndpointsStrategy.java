package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Endpoints, the older form of endpoint slices. Source: Kubernetes API reference "Endpoints". */
@Component
final class EndpointsStrategy implements KindStrategy {

    private static final Rules RULES =
            Rules.of(endpoints -> endpoints.at("subsets").items().forEach(EndpointsStrategy::subset));

    @Override
    public GroupResource resource() {
        return new GroupResource("", "endpoints");
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void subset(Field subset) {
        if (subset.at("addresses").empty() && subset.at("notReadyAddresses").empty()) {
            subset.required("must specify `addresses` or `notReadyAddresses`");
        }
        for (String list : List.of("addresses", "notReadyAddresses")) {
            for (Field address : subset.at(list).items()) {
                Field ip = address.at("ip");
                List<String> problems = Addresses.address(ip.text());
                problems.forEach(problem -> ip.invalidValue(ip.text(), problem));
                AddressRules.notSpecial(ip);
                Field hostname = address.at("hostname");
                if (!hostname.empty()) {
                    hostname.format(Formats::label);
                }
                Field node = address.at("nodeName");
                if (node.present()) {
                    node.format(Formats::subdomain);
                }
            }
        }
        Field ports = subset.at("ports");
        for (Field port : ports.items()) {
            Field name = port.at("name");
            if (ports.items().size() > 1 && name.empty()) {
                name.required();
            } else if (!name.empty()) {
                name.format(Formats::label);
            }
            port.at("port").invalid(Formats.port(port.at("port").number()));
            Field protocol = port.at("protocol");
            if (protocol.require()) {
                protocol.oneOf("SCTP", "TCP", "UDP");
            }
            port.at("appProtocol").ifPresent(app -> app.format(Formats::qualifiedName));
        }
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return List.of("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice");
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("endpoints")
                .text("Endpoints", endpoints -> cell(endpoints.at("subsets")))
                .columns();
    }

    private static String cell(JsonNode subsets) {
        List<String> shown = new ArrayList<>();
        for (JsonNode subset : subsets) {
            JsonNode ports = subset.path("ports");
            if (ports.isEmpty()) {
                subset.path("addresses")
                        .forEach(address -> shown.add(address.path("ip").asString("")));
            }
            for (JsonNode port : ports) {
                for (JsonNode address : subset.path("addresses")) {
                    String ip = address.path("ip").asString("");
                    shown.add((ip.contains(":") ? "[" + ip + "]" : ip) + ":"
                            + port.path("port").asInt(0));
                }
            }
        }
        return shown.isEmpty() ? Cells.NONE : Cells.limited(shown, 3, ",");
    }
}
