package io.quarterdeck.api.kinds.apiregistration;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.NameCheck;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** API services: who serves which version of which group. */
@Component
final class APIServiceStrategy implements KindStrategy {

    private static final SettableFields OF_STATUS = SettableFields.allBut("spec", "metadata");

    private static final Rules RULES = Rules.of(APIServiceStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("apiregistration.k8s.io", "apiservices");
    }

    @Override
    public boolean tabulates(String subresource) {
        return !subresource.equals("status");
    }

    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return subresource.equals("status") ? OF_STATUS : KindStrategy.super.settable(subresource, statusApart);
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public boolean coreFinalizersOnly() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public NameCheck names() {
        return NameRule.PATH_SEGMENT;
    }

    private static void check(Field service) {
        Field spec = service.at("spec");
        Field group = spec.at("group");
        Field version = spec.at("version");
        Field name = service.at("metadata.name");
        String required = version.text() + "." + group.text();
        if (!name.empty() && !name.is(required)) {
            name.invalid("must be `spec.version+\".\"+spec.group`: \"%s\"".formatted(required));
        }
        if (!group.empty()) {
            group.format(Formats::subdomain);
        } else if (!version.is("v1")) {
            group.required("only v1 may have an empty group and it better be legacy kube");
        }
        version.format(Formats::dns1035Label);
        Field priority = spec.at("groupPriorityMinimum");
        if (priority.number() <= 0 || priority.number() > 20000) {
            priority.invalidValue(priority.number(), "must be positive and less than 20000");
        }
        Field versionPriority = spec.at("versionPriority");
        if (versionPriority.number() <= 0 || versionPriority.number() > 1000) {
            versionPriority.invalidValue(versionPriority.number(), "must be positive and less than 1000");
        }
        Field reference = spec.at("service");
        Field insecure = spec.at("insecureSkipTLSVerify");
        Field bundle = spec.at("caBundle");
        if (!reference.present()) {
            if (!bundle.empty()) {
                bundle.invalidValue(
                        "%d bytes".formatted(bundle.text().length()), "local APIServices may not have a caBundle");
            }
            if (insecure.flag()) {
                insecure.invalid("local APIServices may not have insecureSkipTLSVerify");
            }
            return;
        }
        reference.at("namespace").require();
        reference.at("name").require();
        Field port = reference.at("port");
        if (port.present()) {
            Formats.port(port.number()).forEach(problem -> port.invalid("port is not valid: " + problem));
        }
        if (insecure.flag() && !bundle.empty()) {
            insecure.invalid("may not be true if caBundle is present");
        }
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        if (!next.has("spec.service")) {
            var condition = next.object("status").putArray("conditions").addObject();
            condition.put("type", "Available").put("status", "True");
            condition.put(
                    "lastTransitionTime",
                    request.now().truncatedTo(ChronoUnit.SECONDS).toString());
            condition.put("reason", "Local").put("message", "Local APIServices are always available");
        }
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
    }

    private static String service(Document object) {
        return object.has("spec.service")
                ? object.text("spec.service.namespace") + "/" + object.text("spec.service.name")
                : "Local";
    }

    private static String available(Document object) {
        for (JsonNode condition : object.items("status.conditions")) {
            if (condition.path("type").asString("").equals("Available")) {
                String status = condition.path("status").asString("");
                return status.equals("True")
                        ? status
                        : "%s (%s)".formatted(status, condition.path("reason").asString(""));
            }
        }
        return "Unknown";
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("apiservices.apiregistration.k8s.io")
                .text("Service", APIServiceStrategy::service)
                .text("Available", APIServiceStrategy::available)
                .columns();
    }
}
