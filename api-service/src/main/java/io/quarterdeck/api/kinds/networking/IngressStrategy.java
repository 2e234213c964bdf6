package io.quarterdeck.api.kinds.networking;

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
import tools.jackson.databind.node.JsonNodeFactory;

/** Ingresses. Source: Kubernetes API reference "Ingress". */
@Component
final class IngressStrategy implements KindStrategy {

    private static final List<String> FORBIDDEN_IN_PATH = List.of("//", "/./", "/../", "%2f", "%2F");
    private static final Rules RULES = Rules.of(IngressStrategy::check);
    private static final Rules STATUS = Rules.of(IngressStrategy::status);

    @Override
    public GroupResource resource() {
        return new GroupResource("networking.k8s.io", "ingresses");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set(
                "status",
                JsonNodeFactory.instance.objectNode().set("loadBalancer", JsonNodeFactory.instance.objectNode()));
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

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    private static void check(Field ingress) {
        Field spec = ingress.at("spec");
        Field annotation = ingress.at("metadata.annotations").key("kubernetes.io/ingress.class");
        if (!ingress.updating()
                && annotation.present()
                && spec.at("ingressClassName").present()) {
            annotation.invalid("can not be set when the class field is also set");
        }
        if (spec.at("rules").empty() && !spec.at("defaultBackend").present()) {
            spec.invalidValue(spec.at("rules").node(), "either `defaultBackend` or `rules` must be specified");
        }
        spec.at("defaultBackend").ifPresent(IngressStrategy::backend);
        spec.at("rules").items().forEach(IngressStrategy::rule);
        for (Field tls : spec.at("tls").items()) {
            for (Field host : tls.at("hosts").items()) {
                host.format(host.text().contains("*") ? Formats::wildcardSubdomain : Formats::subdomain);
            }
            Field secret = tls.at("secretName");
            if (!secret.empty()) {
                secret.format(Formats::subdomain);
            }
        }
        spec.at("ingressClassName").ifPresent(name -> name.format(Formats::subdomain));
    }

    private static void rule(Field rule) {
        Field host = rule.at("host");
        if (!host.empty()) {
            if (Addresses.parse(host.text()) != null) {
                host.invalid("must be a DNS name, not an IP address");
            }
            host.format(host.text().contains("*") ? Formats::wildcardSubdomain : Formats::subdomain);
        }
        Field http = rule.at("http");
        if (!http.present()) {
            return;
        }
        http.at("paths").require();
        http.at("paths").items().forEach(IngressStrategy::path);
    }

    private static void path(Field path) {
        Field type = path.at("pathType");
        if (!type.present()) {
            type.required("pathType must be specified");
            return;
        }
        Field text = path.at("path");
        switch (type.text()) {
            case "Exact", "Prefix" -> {
                if (!text.text().startsWith("/")) {
                    text.invalidValue(text.text(), "must be an absolute path");
                }
                if (!text.empty()) {
                    for (String bad : FORBIDDEN_IN_PATH) {
                        if (text.text().contains(bad)) {
                            text.invalid("must not contain '%s'".formatted(bad));
                        }
                    }
                    for (String bad : List.of("/..", "/.")) {
                        if (text.text().endsWith(bad)) {
                            text.invalid("cannot end with '%s'".formatted(bad));
                        }
                    }
                }
            }
            case "ImplementationSpecific" -> {
                if (!text.empty() && !text.text().startsWith("/")) {
                    text.invalid("must be an absolute path");
                }
            }
            default -> type.unsupported("Exact", "ImplementationSpecific", "Prefix");
        }
        backend(path.at("backend"));
    }

    private static void backend(Field backend) {
        Field resource = backend.at("resource");
        Field service = backend.at("service");
        if (resource.present() && service.present()) {
            backend.invalidValue("", "cannot set both resource and service backends");
        } else if (resource.present()) {
            resource.at("kind").requireFormat(Formats::pathSegment);
            resource.at("name").requireFormat(Formats::pathSegment);
            Field group = resource.at("apiGroup");
            if (!group.empty()) {
                group.format(Formats::subdomain);
            }
        } else if (service.present()) {
            Field name = service.at("name");
            if (name.require()) {
                name.format(Formats::label);
            }
            Field portName = service.at("port.name");
            Field portNumber = service.at("port.number");
            if (!portName.empty() && portNumber.number() != 0) {
                backend.invalidValue("", "cannot set both port name & port number");
            } else if (!portName.empty()) {
                portName.format(Formats::portName);
            } else if (portNumber.number() != 0) {
                portNumber.invalid(Formats.port(portNumber.number()));
            } else {
                backend.required("port name or number is required");
            }
        } else {
            backend.invalidValue("", "resource or service backend is required");
        }
    }

    private static void status(Field ingress) {
        for (Field point : ingress.at("status.loadBalancer.ingress").items()) {
            Field ip = point.at("ip");
            if (!ip.empty()) {
                ip.format(Addresses::address);
            }
            Field hostname = point.at("hostname");
            if (!hostname.empty()) {
                hostname.format(Formats::subdomain);
                if (Addresses.parse(hostname.text()) != null) {
                    hostname.invalid("must be a DNS name, not an IP address");
                }
            }
        }
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return old.isEmpty() && next.annotation("kubernetes.io/ingress.class") != null
                ? List.of(
                        "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead")
                : List.of();
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("ingresses.networking.k8s.io")
                .text("Class", ingress -> Cells.orNone(ingress.text("spec.ingressClassName")))
                .text("Hosts", IngressStrategy::hosts)
                .text("Address", IngressStrategy::address)
                .text("Ports", ingress -> ingress.items("spec.tls").isEmpty() ? "80" : "80, 443")
                .columns();
    }

    private static String hosts(Document ingress) {
        List<String> hosts = new ArrayList<>();
        for (JsonNode rule : ingress.items("spec.rules")) {
            String host = rule.path("host").asString("");
            if (!host.isEmpty()) {
                hosts.add(host);
            }
        }
        return hosts.isEmpty() ? "*" : Cells.limited(hosts, 3, ",");
    }

    private static String address(Document ingress) {
        return Cells.join(ingress.at("status.loadBalancer.ingress"), point -> {
            String ip = point.path("ip").asString("");
            return ip.isEmpty() ? point.path("hostname").asString("") : ip;
        });
    }
}
