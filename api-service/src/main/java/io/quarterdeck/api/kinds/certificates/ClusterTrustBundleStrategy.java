package io.quarterdeck.api.kinds.certificates;

import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Roots of trust that a signer publishes. */
@Component
final class ClusterTrustBundleStrategy implements KindStrategy {

    private static final int MOST_BYTES = 1 << 20;
    private static final String OMITTED = "<value omitted>";
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([^-]*)-----([^-]*)-----END [^-]*-----");
    private static final Rules RULES = Rules.of(ClusterTrustBundleStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("certificates.k8s.io", "clustertrustbundles");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field bundle) {
        Field signer = bundle.at("spec.signerName");
        String prefix = signer.text().replace('/', ':') + ":";
        Field name = bundle.at("metadata.name");
        if (signer.empty()) {
            if (name.text().contains(":")) {
                name.invalid("ClusterTrustBundle without signer name must not have \":\" in its name");
            }
        } else if (!name.text().startsWith(prefix)) {
            name.invalid("ClusterTrustBundle for signerName %s must be named with prefix %s"
                    .formatted(signer.text(), prefix));
        }
        Field trust = bundle.at("spec.trustBundle");
        if (trust.text().length() > MOST_BYTES) {
            trust.tooLong(MOST_BYTES);
        } else {
            anchors(trust);
        }
        signer.immutable();
    }

    /** Certificates of authorities in PEM, each once, and nothing else. */
    private static void anchors(Field trust) {
        Set<Integer> seen = new HashSet<>();
        int anchors = 0;
        Matcher blocks = BLOCK.matcher(trust.text());
        while (blocks.find()) {
            if (!blocks.group(1).equals("CERTIFICATE")) {
                trust.invalidValue(OMITTED, "entry %d has bad block type: %s".formatted(anchors, blocks.group(1)));
                return;
            }
            try {
                byte[] der = Base64.getMimeDecoder().decode(blocks.group(2));
                X509Certificate certificate = (X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
                if (certificate.getBasicConstraints() < 0) {
                    trust.invalidValue(OMITTED, "entry %d does not have the CA bit set".formatted(anchors));
                    return;
                }
                if (!seen.add(Arrays.hashCode(der))) {
                    trust.invalidValue(OMITTED, "duplicate trust anchor (entry %d)".formatted(anchors));
                    return;
                }
            } catch (CertificateException | IllegalArgumentException e) {
                trust.invalidValue(OMITTED, "entry %d does not parse as X.509".formatted(anchors));
                return;
            }
            anchors++;
        }
        if (anchors == 0) {
            trust.invalidValue(OMITTED, "at least one trust anchor must be provided");
        }
    }

    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(SelectableField.of("spec.signerName"));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("clustertrustbundles.certificates.k8s.io")
                .text("SignerName", object -> Cells.orNone(object.text("spec.signerName")))
                .columns();
    }
}
