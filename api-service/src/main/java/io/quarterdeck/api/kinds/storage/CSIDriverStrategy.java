package io.quarterdeck.api.kinds.storage;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** CSI drivers and what they ask of nodes. */
@Component
final class CSIDriverStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(CSIDriverStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("storage.k8s.io", "csidrivers");
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    /** The first change makes the first generation. */
    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        if (!next.same("spec", old)) {
            next.set("metadata.generation", old.number("metadata.generation", 0) + 1);
        }
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field driver) {
        Field spec = driver.at("spec");
        for (String flag : List.of("attachRequired", "podInfoOnMount", "storageCapacity")) {
            if (!spec.at(flag).present()) {
                spec.at(flag)
                        .as(spec.path() + "." + (flag.equals("attachRequired") ? "attachedRequired" : flag))
                        .required();
            }
        }
        spec.at("fsGroupPolicy").ifPresent(policy -> policy.oneOf("File", "None", "ReadWriteOnceWithFSType"));
        Set<String> audiences = new HashSet<>();
        for (Field request : spec.at("tokenRequests").items()) {
            Field audience = request.at("audience");
            if (!audiences.add(audience.text())) {
                audience.duplicateValue(audience.text());
            }
            Field seconds = request.at("expirationSeconds");
            if (seconds.present() && seconds.number() < 600) {
                seconds.invalid("may not specify a duration less than 10 minutes");
            } else if (seconds.number() > 1L << 32) {
                seconds.invalid("may not specify a duration larger than 2^32 seconds");
            }
        }
        Field modes = spec.at("volumeLifecycleModes");
        for (Field mode : modes.items()) {
            if (!mode.is("Persistent") && !mode.is("Ephemeral")) {
                modes.unsupportedValue(mode.text(), List.of("Persistent", "Ephemeral"));
            }
        }
        Field period = spec.at("nodeAllocatableUpdatePeriodSeconds");
        if (period.present() && period.number() < 10) {
            period.invalid("must be greater than or equal to 10 seconds");
        }
        Field inSecrets = spec.at("serviceAccountTokenInSecrets");
        if (inSecrets.present() && spec.at("tokenRequests").empty()) {
            inSecrets.invalid("serviceAccountTokenInSecrets is set but no tokenRequests are specified");
        }
        spec.at("attachRequired").as(spec.path() + ".attachedRequired").immutable();
        modes.immutable();
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return old.isPresent()
                        || next.items("spec.tokenRequests").isEmpty()
                        || next.has("spec.serviceAccountTokenInSecrets")
                ? List.of()
                : List.of(
                        "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes");
    }

    private static String tokens(Document driver) {
        return Cells.orUnset(Cells.join(driver.at("spec.tokenRequests"), "audience"));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("csidrivers.storage.k8s.io")
                .flag("AttachRequired", object -> object.flag("spec.attachRequired"))
                .flag("PodInfoOnMount", object -> object.flag("spec.podInfoOnMount"))
                .flag("StorageCapacity", object -> object.flag("spec.storageCapacity"))
                .text("TokenRequests", CSIDriverStrategy::tokens)
                .flag("RequiresRepublish", object -> object.flag("spec.requiresRepublish"))
                .text("Modes", object -> Cells.join(object.at("spec.volumeLifecycleModes"), mode -> mode.asString("")))
                .columns();
    }
}
