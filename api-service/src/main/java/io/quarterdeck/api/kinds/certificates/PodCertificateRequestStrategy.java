package io.quarterdeck.api.kinds.certificates;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Requests of a node for a certificate of one of its pods. */
@Component
final class PodCertificateRequestStrategy implements KindStrategy {

    private static final long SHORTEST = 3600;
    private static final long LONGEST = 91 * 24 * 3600;
    private static final Rules RULES = Rules.of(Rules.at("spec", PodCertificateRequestStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("certificates.k8s.io", "podcertificaterequests");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void spec(Field spec) {
        if (spec.updating()) {
            spec.immutable();
            return;
        }
        spec.at("signerName").require();
        for (String referred : List.of("pod", "serviceAccount", "node")) {
            spec.at(referred + "Name").format(Formats::subdomain);
            Field uid = spec.at(referred + "UID");
            if (uid.empty()) {
                uid.invalidValue("", "must not be empty");
            }
        }
        Field seconds = spec.at("maxExpirationSeconds");
        if (seconds.present() && (seconds.number() < SHORTEST || seconds.number() > LONGEST)) {
            seconds.invalid("must be in the range [%d, %d]".formatted(SHORTEST, LONGEST));
        }
        boolean request = !spec.at("stubPKCS10Request").empty();
        boolean key = !spec.at("pkixPublicKey").empty()
                || !spec.at("proofOfPossession").empty();
        if (request == key) {
            spec.invalidBecause("exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set");
        }
    }

    private static String state(Document request) {
        for (JsonNode condition : request.items("status.conditions")) {
            String type = condition.path("type").asString("");
            if (condition.path("status").asString("").equals("True")
                    && List.of("Issued", "Denied", "Failed").contains(type)) {
                return type;
            }
        }
        return "Pending";
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(
                SelectableField.of("spec.signerName"),
                SelectableField.of("spec.podName"),
                SelectableField.of("spec.nodeName"));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("podcertificaterequests.certificates.k8s.io")
                .text("PodName", "spec.podName")
                .text("ServiceAccountName", "spec.serviceAccountName")
                .text("NodeName", "spec.nodeName")
                .text("SignerName", "spec.signerName")
                .text("State", PodCertificateRequestStrategy::state)
                .text("UnverifiedUserAnnotations", object -> Cells.labels(object.at("spec.unverifiedUserAnnotations")))
                .columns();
    }
}
