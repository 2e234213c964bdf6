package io.quarterdeck.api.kinds.certificates;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Formats;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GroupResource;
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
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Requests for certificates. Who asked is what the server saw, not what the client says. */
@Component
final class CertificateSigningRequestStrategy implements KindStrategy {

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
        stamp(next, old, request);
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
            if (target.path("status").asString("").isEmpty()) {
                target.put("status", "True");
            }
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
                expiration.invalid("may not specify a duration less than 600 seconds");
            }
        }
        conditions(csr.at("status.conditions"));
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
        String pem = new String(bytes(request.text()), StandardCharsets.UTF_8).strip();
        if (request.empty()) {
            request.invalid("PEM block type must be CERTIFICATE REQUEST");
        } else if (!pem.startsWith("-----BEGIN CERTIFICATE REQUEST-----")
                && !pem.startsWith("-----BEGIN NEW CERTIFICATE REQUEST-----")) {
            request.invalid("PEM block type must be CERTIFICATE REQUEST");
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
            if (List.of("Approved", "Denied", "Failed").contains(type.text())
                    && !condition.at("status").is("True")) {
                condition.at("status").unsupported("True");
            }
            if ((type.is("Approved") && decided.contains("Denied"))
                    || (type.is("Denied") && decided.contains("Approved"))) {
                type.invalid("Approved and Denied conditions are mutually exclusive");
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
        return RULES.check(next, old);
    }

    @Override
    public List<FieldError> validateSubresourceUpdate(Document next, Document old, RequestInfo request) {
        return RULES.check(next, old);
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
