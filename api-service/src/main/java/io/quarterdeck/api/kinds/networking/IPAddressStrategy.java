package io.quarterdeck.api.kinds.networking;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.NameCheck;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** IP addresses that are in use. Their names are the addresses themselves. */
@Component
final class IPAddressStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec.parentRef", IPAddressStrategy::parent));

    @Override
    public GroupResource resource() {
        return new GroupResource("networking.k8s.io", "ipaddresses");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public NameCheck names() {
        return (name, prefix) -> Addresses.canonicalAddress(name);
    }

    private static void parent(Field reference) {
        if (!reference.present()) {
            reference.required();
            return;
        }
        Field group = reference.at("group");
        if (!group.empty()) {
            group.format(Formats::subdomain);
        }
        reference.at("resource").requireFormat(Formats::pathSegment);
        reference.at("name").requireFormat(Formats::pathSegment);
        Field namespace = reference.at("namespace");
        if (!namespace.empty()) {
            namespace.format(Formats::pathSegment);
        }
        reference.immutable();
    }

    private static String parentText(JsonNode reference) {
        String group = reference.path("group").asString("");
        String namespace = reference.path("namespace").asString("");
        return reference.path("resource").asString("") + (group.isEmpty() ? "" : "." + group) + "/"
                + (namespace.isEmpty() ? "" : namespace + "/")
                + reference.path("name").asString("");
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("ipaddresses.networking.k8s.io")
                .text("ParentRef", object -> parentText(object.at("spec.parentRef")))
                .columns();
    }
}
