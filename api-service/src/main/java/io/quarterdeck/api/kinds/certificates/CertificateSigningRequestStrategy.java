package io.quarterdeck.api.kinds.certificates;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Requests for certificates. Who asked is what the server saw, not what the client says. */
@Component
final class CertificateSigningRequestStrategy implements KindStrategy {

    private static final SettableFields OF_OBJECT = SettableFields.allBut("spec", "status");
    private static final SettableFields OF_STATUS = SettableFields.allBut("spec", "status.conditions");
    private static final SettableFields OF_APPROVAL = SettableFields.allBut("spec", "status.certificate");

    private static final String CERTIFICATE_DATA = "<certificate data>";
    private static final Rules RULES = Rules.of(CertificateSigningRequestStrategy::check);
    private static final Set<String> USAGES = new TreeSet<>(List.of(
            "any",
            "cert sign",
            "client auth",
            "code signing",
            "content commitment",
            "crl sign",
            "data encipherment",
            "decipher only",
            "digital signature",
            "email protection",
            "encipher only",
            "ipsec end system",
            "ipsec tunnel",
            "ipsec user",
            "key agreement",
            "key encipherment",
            "microsoft sgc",
            "netscape sgc",
            "ocsp signing",
            "s/mime",
            "server auth",
            "signing",
            "timestamping"));

    @Override
    public GroupResource resource() {
        return new GroupResource("certificates.k8s.io", "certificatesigningrequests");
    }

    @Override
    public boolean tabulates(String subresource) {
        return !subresource.equals("approval");
    }

    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return switch (subresource) {
            case "status" -> OF_STATUS;
            case "approval" -> OF_APPROVAL;
            default -> OF_OBJECT;
        };
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        User user = request.user();
        next.set("spec.username", user.name());
        next.set("spec.uid", user.uid());
        ArrayNode groups = next.object("spec").putArray("groups");
        user.groups().forEach(groups::add);
        next.remove("spec.extra");
        user.extra().forEach((key, values) -> {
            ArrayNode list = next.object("spec.extra").putArray(key);
            values.forEach(list::add);
        });
        if (user.uid().isEmpty()) {
            next.remove("spec.uid");
        }
        next.remove("status");
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("spec", old);
        next.keep("status", old);
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        next.keep("spec", old);
        List.of("Approved", "Denied").forEach(type -> keepDecision(next, old, type));
        stamp(next, old, request);
    }

    /** Who writes the status says nothing of approval: that stays as it was written there. */
    private static void keepDecision(Document next, Document old, String type) {
        List<JsonNode> before = ofType(old, type);
        List<JsonNode> after = ofType(next, type);
        if (before.size() == after.size()) {
            for (int i = 0; i < after.size(); i++) {
                ((ObjectNode) after.get(i)).removeAll().setAll((ObjectNode) before.get(i));
            }
        }
    }

    @Override
    public void prepareForSubresourceUpdate(Document next, Document old, RequestInfo request) {
        JsonNode conditions = next.at("status.conditions");
        next.keep("spec", old);
        next.keep("status", old);
        if (conditions.isArray()) {
            next.set("status.conditions", conditions);
        }
        stamp(next, old, request);
    }

    /** A condition that the client does not date is dated by the server. */
    private static void stamp(Document next, Document old, RequestInfo request) {
        String now = request.now().truncatedTo(ChronoUnit.SECONDS).toString();
        for (JsonNode condition : next.items("status.conditions")) {
            ObjectNode target = (ObjectNode) condition;
            if (target.path("lastUpdateTime").asString("").isEmpty()) {
                target.put("lastUpdateTime", now);
            }
            if (target.path("lastTransitionTime").asString("").isEmpty()) {
                String since = now;
                for (JsonNode before : old.items("status.conditions")) {
                    if (before.path("type").equals(target.path("type"))
                            && before.path("status").equals(target.path("status"))) {
                        since = before.path("lastTransitionTime").asString(now);
                    }
                }
                target.put("lastTransitionTime", since);
            }
        }
    }

    private static void check(Field csr) {
        Field spec = csr.at("spec");
        if (!csr.updating()) {
            request(spec.at("request"));
            Field usages = spec.at("usages");
            usages.require();
            Set<String> seen = new HashSet<>();
            for (Field usage : usages.items()) {
                if (!USAGES.contains(usage.text())) {
                    usage.unsupported(USAGES);
                }
                if (!seen.add(usage.text())) {
                    usage.duplicate();
                }
            }
            Field signer = spec.at("signerName");
            if (signer.is("kubernetes.io/legacy-unknown")) {
                signer.invalid("the legacy signerName is not allowed via this API version");
            } else {
                signer(signer);
            }
            Field expiration = spec.at("expirationSeconds");
            if (expiration.present() && expiration.number() < 600) {
                expiration.invalid("may not specify a duration less than 600 seconds (10 minutes)");
            }
        }
        conditions(csr.at("status.conditions"));
        certificate(csr.at("status.certificate"));
    }

    private static void signer(Field signer) {
        String text = signer.text();
        int slash = text.indexOf('/');
        if (text.isEmpty()) {
            signer.required();
        } else if (slash < 0 || text.indexOf('/', slash + 1) >= 0) {
            signer.invalid("must be a fully qualified domain and path of the form 'example.com/signer-name'");
        } else {
            String domain = text.substring(0, slash);
            Formats.subdomain(domain)
                    .forEach(problem ->
                            signer.invalidValue(domain, "validating label \"%s\": %s".formatted(domain, problem)));
            if (!domain.contains(".")) {
                signer.invalid("should be a domain with at least two segments separated by dots");
            }
            Formats.subdomain(text.substring(slash + 1))
                    .forEach(problem -> signer.invalidValue(text.substring(slash + 1), problem));
        }
    }

    private static void request(Field request) {
        Optional<byte[]> content = block(request.text());
        if (content.isEmpty()) {
            request.invalidValue(request.text(), "PEM block type must be CERTIFICATE REQUEST");
            return;
        }
        try {
            RequestSyntax.check(content.get());
        } catch (MalformedRequestException malformed) {
            request.invalid(String.valueOf(malformed.getMessage()));
        }
    }

    /** Empty when the first block is another one, or none at all. */
    private static Optional<byte[]> block(String base64) {
        String pem = new String(bytes(base64), StandardCharsets.UTF_8);
        try (PemReader reader = new PemReader(new StringReader(pem))) {
            PemObject block = reader.readPemObject();
            return block != null && block.getType().equals("CERTIFICATE REQUEST")
                    ? Optional.of(block.getContent())
                    : Optional.empty();
        } catch (IOException | RuntimeException malformed) {
            return Optional.empty();
        }
    }

    /** What stays out of reach of an update, and of {@code status} or {@code approval} in turn. */
    private static List<FieldError> unlawfulChanges(Document next, Document old, boolean approval) {
        List<FieldError> findings = new ArrayList<>();
        for (String type : List.of("Approved", "Denied", "Failed")) {
            List<JsonNode> before = ofType(old, type);
            List<JsonNode> after = ofType(next, type);
            if (after.size() < before.size()) {
                findings.add(forbidden("conditions", "may not remove a condition of type \"" + type + "\""));
            } else if (after.size() > before.size() && !approval && !type.equals("Failed")) {
                findings.add(forbidden("conditions", "may not add a condition of type \"" + type + "\""));
            }
        }
        if (!next.same("status.certificate", old)
                && !old.text("status.certificate").isEmpty()) {
            findings.add(forbidden("certificate", "may not modify existing certificate content"));
        }
        return findings;
    }

    private static FieldError forbidden(String field, String why) {
        return new FieldError(FieldError.Reason.FORBIDDEN, "status." + field, "Forbidden: updates " + why);
    }

    private static List<JsonNode> ofType(Document csr, String type) {
        return csr.items("status.conditions").stream()
                .filter(condition -> condition.path("type").asString("").equals(type))
                .toList();
    }

    /** Certificates in PEM and nothing else. */
    private static void certificate(Field certificate) {
        if (certificate.empty() || !certificate.changed()) {
            return;
        }
        String pem = new String(bytes(certificate.text()), StandardCharsets.UTF_8);
        int blocks = 0;
        try (PemReader reader = new PemReader(new StringReader(pem))) {
            for (PemObject block = reader.readPemObject(); block != null; block = reader.readPemObject()) {
                if (!block.getType().equals("CERTIFICATE")) {
                    certificate.invalidValue(
                            CERTIFICATE_DATA,
                            "only CERTIFICATE PEM blocks are allowed, found \"" + block.getType() + "\"");
                    return;
                }
                if (!block.getHeaders().isEmpty()) {
                    certificate.invalidValue(CERTIFICATE_DATA, "no PEM block headers are permitted");
                    return;
                }
                new X509CertificateHolder(block.getContent());
                blocks++;
            }
        } catch (IOException | RuntimeException malformed) {
            certificate.invalidValue(CERTIFICATE_DATA, "x509: malformed certificate");
            return;
        }
        if (blocks == 0) {
            certificate.invalidValue(CERTIFICATE_DATA, "must contain at least one CERTIFICATE PEM block");
        }
    }

    private static byte[] bytes(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static void conditions(Field conditions) {
        Set<String> types = new HashSet<>();
        Set<String> decided = new HashSet<>();
        for (Field condition : conditions.items()) {
            Field type = condition.at("type");
            type.require();
            Field status = condition.at("status");
            boolean decision = List.of("Approved", "Denied", "Failed").contains(type.text());
            if (status.empty()) {
                status.required();
            } else if (decision && !status.is("True")) {
                status.unsupported("True");
            } else if (!List.of("False", "True", "Unknown").contains(status.text())) {
                status.unsupported("False", "True", "Unknown");
            }
            if ((type.is("Approved") && decided.contains("Denied"))
                    || (type.is("Denied") && decided.contains("Approved"))) {
                conditions.invalidValue(type.text(), "Approved and Denied conditions are mutually exclusive");
            }
            decided.add(type.text());
            if (!types.add(type.text())) {
                type.duplicate();
            }
        }
    }

    private static String condition(Document csr) {
        List<String> words = new ArrayList<>();
        for (String type : List.of("Approved", "Denied", "Failed")) {
            if (csr.items("status.conditions").stream()
                    .anyMatch(condition -> condition.path("type").asString("").equals(type))) {
                words.add(type);
            }
        }
        if (words.isEmpty()) {
            words.add("Pending");
        }
        if (!csr.text("status.certificate").isEmpty()) {
            words.add("Issued");
        }
        return String.join(",", words);
    }

    private static String requested(Document csr) {
        return csr.has("spec.expirationSeconds")
                ? Cells.duration(Duration.ofSeconds(csr.number("spec.expirationSeconds", 0)))
                : Cells.NONE;
    }

    @Override
    public List<FieldError> validateStatusUpdate(Document next, Document old, RequestInfo request) {
        return all(RULES.check(next, old), unlawfulChanges(next, old, false));
    }

    @Override
    public List<FieldError> validateSubresourceUpdate(Document next, Document old, RequestInfo request) {
        return all(RULES.check(next, old), unlawfulChanges(next, old, true));
    }

    private static List<FieldError> all(List<FieldError> first, List<FieldError> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(SelectableField.of("spec.signerName"));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("certificatesigningrequests.certificates.k8s.io")
                .text("SignerName", "spec.signerName")
                .text("Requestor", "spec.username")
                .text("RequestedDuration", CertificateSigningRequestStrategy::requested)
                .text("Condition", CertificateSigningRequestStrategy::condition)
                .columns();
    }
}
