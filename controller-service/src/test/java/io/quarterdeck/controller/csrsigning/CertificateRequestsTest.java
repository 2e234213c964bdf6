package io.quarterdeck.controller.csrsigning;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.quarterdeck.controller.FixedView;
import io.quarterdeck.controller.csrapproving.CsrApprovingReconciler;
import io.quarterdeck.controller.csrcleaner.CsrCleanerReconciler;
import io.quarterdeck.controller.tokencleaner.TokenCleanerReconciler;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.Pem;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateRequestsTest {

    private static final String NODE_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";
    private static final CertificateAuthority AUTHORITY = CertificateAuthority.create("ca", FixedView.NOW);
    private static final FixedView VIEW = new FixedView();

    private static String pem(String subject, String... names) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair keys = generator.generateKeyPair();
        var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), keys.getPublic());
        if (names.length > 0) {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            GeneralName[] general = new GeneralName[names.length];
            for (int i = 0; i < names.length; i++) {
                String[] name = names[i].split(":", 2);
                int kind = switch (name[0]) {
                    case "dns" -> GeneralName.dNSName;
                    case "ip" -> GeneralName.iPAddress;
                    case "mail" -> GeneralName.rfc822Name;
                    case "uri" -> GeneralName.uniformResourceIdentifier;
                    default -> throw new IllegalArgumentException(names[i]);
                };
                general[i] = new GeneralName(kind, name[1]);
            }
            extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(general));
            builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        }
        return text.toString();
    }

    private static CertificateSigningRequestBuilder request(String signer, String pem, String... usages) {
        return new CertificateSigningRequestBuilder()
                .withNewMetadata()
                .withName("r")
                .withUid("u")
                .withCreationTimestamp(FixedView.NOW.toString())
                .endMetadata()
                .withNewSpec()
                .withSignerName(signer)
                .withUsername("system:node:n1")
                .withUsages(usages)
                .withRequest(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8)))
                .endSpec();
    }

    private static CertificateSigningRequest approved(CertificateSigningRequestBuilder request) {
        return request.withNewStatus()
                .addNewCondition()
                .withType("Approved")
                .withStatus("True")
                .withLastUpdateTime(FixedView.NOW.toString())
                .endCondition()
                .endStatus()
                .build();
    }

    private static CertificateSigningRequest after(Plan plan) {
        return (CertificateSigningRequest) ((Action.UpdateStatus) plan.actions().getFirst()).object();
    }

    private static Plan sign(CertificateSigningRequest request) {
        return new CsrSigningReconciler(AUTHORITY, Duration.ofDays(365)).reconcile(request, VIEW);
    }

    @Test
    void signsWhatIsApprovedAndLawful() throws Exception {
        CertificateSigningRequest request = approved(
                request(NODE_CLIENT, pem("O=system:nodes,CN=system:node:n1"), "client auth", "digital signature")
                        .editSpec()
                        .withExpirationSeconds(3600)
                        .endSpec());
        X509Certificate certificate = Pem.certificate(new String(
                Base64.getDecoder().decode(after(sign(request)).getStatus().getCertificate()), StandardCharsets.UTF_8));
        certificate.verify(AUTHORITY.certificate().getPublicKey());
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=system:node:n1,O=system:nodes");
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getBasicConstraints()).as("no authority").isEqualTo(-1);
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(FixedView.NOW.plusSeconds(3600));
    }

    @Test
    void waitsForApproval() throws Exception {
        assertThat(sign(request(
                                        NODE_CLIENT,
                                        pem("O=system:nodes,CN=system:node:n1"),
                                        "client auth",
                                        "digital signature")
                                .build())
                        .actions())
                .isEmpty();
    }

    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @CsvSource({
        "kube-apiserver-client-kubelet, 'O=system:masters,CN=system:node:n1', 'client auth,digital signature', '', subject organization is not system:nodes",
        "kube-apiserver-client-kubelet, 'O=system:nodes,O=other,CN=system:node:n1', 'client auth,digital signature', '', subject organization is not system:nodes",
        "kube-apiserver-client-kubelet, 'O=system:nodes,CN=jane', 'client auth,digital signature', '', subject common name does not begin with system:node:",
        "kube-apiserver-client-kubelet, 'O=system:nodes,CN=system:node:n1', 'server auth,digital signature', '', usages did not match [client auth digital signature key encipherment]",
        "kube-apiserver-client-kubelet, 'O=system:nodes,CN=system:node:n1', 'client auth', '', usages did not match [client auth digital signature key encipherment]",
        "kube-apiserver-client-kubelet, 'O=system:nodes,CN=system:node:n1', 'client auth,digital signature', dns:n1, DNS subjectAltNames are not allowed",
        "kube-apiserver-client-kubelet, 'O=system:nodes,CN=system:node:n1', 'client auth,digital signature', ip:10.0.0.1, IP subjectAltNames are not allowed",
        "kube-apiserver-client-kubelet, 'O=system:nodes,CN=system:node:n1', 'client auth,digital signature', mail:a@b.c, Email subjectAltNames are not allowed",
        "kube-apiserver-client-kubelet, 'O=system:nodes,CN=system:node:n1', 'client auth,digital signature', uri:spiffe://x, URI subjectAltNames are not allowed",
        "kubelet-serving, 'O=system:nodes,CN=system:node:n1', 'server auth,digital signature', '', DNS or IP subjectAltName is required",
        "kubelet-serving, 'O=system:nodes,CN=system:node:n1', 'client auth,digital signature', dns:n1, usages did not match [digital signature key encipherment server auth]",
        "kubelet-serving, 'O=system:nodes,CN=system:node:n1', 'server auth,digital signature', dns:n1+uri:spiffe://x, URI subjectAltNames are not allowed",
        "kubelet-serving, 'O=system:nodes,CN=n1', 'server auth,digital signature', dns:n1, subject common name does not begin with system:node:",
        "kube-apiserver-client, 'CN=jane', 'server auth', '', invalid usage for client certificate: server auth",
        "kube-apiserver-client, 'CN=jane', 'client auth,code signing', '', invalid usage for client certificate: code signing",
        "kube-apiserver-client, 'CN=jane', 'digital signature', '', missing required usage for client certificate: client auth",
    })
    void failsWhatIsNot(String signer, String subject, String usages, String names, String message) throws Exception {
        CertificateSigningRequest request = approved(request(
                "kubernetes.io/" + signer,
                names.isEmpty() ? pem(subject) : pem(subject, names.split("\\+")),
                usages.split(",")));
        CertificateSigningRequest next = after(sign(request));
        assertThat(next.getStatus().getCertificate()).isNull();
        assertThat(next.getStatus().getConditions().getLast())
                .extracting("type", "reason", "message")
                .containsExactly("Failed", "SignerValidationFailure", message);
        assertThat(sign(next).actions()).isEmpty();
    }

    private static X509Certificate issued(CertificateSigningRequest request) {
        return Pem.certificate(new String(
                Base64.getDecoder().decode(after(sign(request)).getStatus().getCertificate()), StandardCharsets.UTF_8));
    }

    @Test
    void subjectAndNamesStayAsTheyWereAskedFor() throws Exception {
        X509Certificate client = issued(approved(request(
                "kubernetes.io/kube-apiserver-client",
                pem("C=DE,O=dev,O=ops,OU=x,CN=jane", "mail:jane@x.org", "uri:spiffe://jane"),
                "client auth")));
        assertThat(client.getSubjectX500Principal().getName()).isEqualTo("CN=jane,OU=x,O=ops,O=dev,C=DE");
        assertThat(client.getSubjectAlternativeNames())
                .extracting(name -> (Object) name.get(1))
                .containsExactly("jane@x.org", "spiffe://jane");
        assertThat(client.getKeyUsage()).as("no usage of the key was asked for").isNull();
        X509Certificate server = issued(approved(request(
                "kubernetes.io/kubelet-serving",
                pem("O=system:nodes,CN=system:node:n1", "dns:n1", "ip:10.0.0.1"),
                "server auth",
                "digital signature",
                "key encipherment")));
        assertThat(server.getSubjectAlternativeNames())
                .extracting(name -> (Object) name.get(1))
                .containsExactly("n1", "10.0.0.1");
        assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(server.getKeyUsage()).startsWith(true, false, true, false);
    }

    @ParameterizedTest(name = "asked for {0} s: lives {1} s from now")
    @CsvSource({
        "60, 600",
        "600, 600",
        "28799, 28799",
        "28800, 28500",
        "86400, 86100",
        "99999999, 31535700",
        ", 31535700"
    })
    void livesAsLongAsAskedAndAllowed(@Nullable Integer asked, long lives) throws Exception {
        CertificateSigningRequest request =
                approved(request("kubernetes.io/kube-apiserver-client", pem("CN=jane"), "client auth")
                        .editSpec()
                        .withExpirationSeconds(asked)
                        .endSpec());
        X509Certificate certificate = issued(request);
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(FixedView.NOW.plusSeconds(lives));
        assertThat(certificate.getNotBefore().toInstant()).isEqualTo(FixedView.NOW.minusSeconds(300));
    }

    @Test
    void leavesOthersSignersAlone() throws Exception {
        assertThat(sign(approved(request("example.org/own", pem("CN=x"), "client auth")))
                        .actions())
                .isEmpty();
    }

    @ParameterizedTest(name = "may create {0}: {1}")
    @CsvSource({
        "selfnodeclient, Auto approving self kubelet client certificate after SubjectAccessReview.",
        "nodeclient, Auto approving kubelet client certificate after SubjectAccessReview.",
        "nothing, ''"
    })
    void approvesNodesWhoseRequesterMay(String may, String message) throws Exception {
        CertificateSigningRequest request = request(
                        NODE_CLIENT, pem("O=system:nodes,CN=system:node:n1"), "client auth", "digital signature")
                .build();
        Plan plan = new CsrApprovingReconciler((csr, subresource) -> subresource.equals(may)).reconcile(request, VIEW);
        if (message.isEmpty()) {
            assertThat(plan.actions()).isEmpty();
        } else {
            Action.UpdateSubresource update =
                    (Action.UpdateSubresource) plan.actions().getFirst();
            assertThat(update.subresource()).isEqualTo("approval");
            assertThat(((CertificateSigningRequest) update.object())
                            .getStatus()
                            .getConditions()
                            .getFirst()
                            .getMessage())
                    .isEqualTo(message);
        }
    }

    @Test
    void approvesNothingButNodesClients() throws Exception {
        CsrApprovingReconciler approving = new CsrApprovingReconciler((csr, subresource) -> true);
        assertThat(approving
                        .reconcile(
                                request("kubernetes.io/kube-apiserver-client", pem("CN=jane"), "client auth")
                                        .build(),
                                VIEW)
                        .actions())
                .isEmpty();
        assertThat(approving
                        .reconcile(
                                request(NODE_CLIENT, pem("O=system:masters,CN=system:node:n1"), "client auth")
                                        .build(),
                                VIEW)
                        .actions())
                .isEmpty();
    }

    @Test
    void oldRequestsGo() throws Exception {
        CsrCleanerReconciler cleaner = new CsrCleanerReconciler();
        CertificateSigningRequest pending = request(NODE_CLIENT, pem("O=system:nodes,CN=system:node:n1"), "client auth")
                .build();
        assertThat(cleaner.reconcile(pending, VIEW).actions()).isEmpty();
        assertThat(cleaner.reconcile(pending, new FixedView().at(FixedView.NOW.plus(Duration.ofHours(25))))
                        .actions())
                .hasSize(1);
        CertificateSigningRequest issued = after(sign(approved(
                request(NODE_CLIENT, pem("O=system:nodes,CN=system:node:n1"), "client auth", "digital signature"))));
        assertThat(cleaner.reconcile(issued, new FixedView().at(FixedView.NOW.plus(Duration.ofMinutes(59))))
                        .actions())
                .isEmpty();
        assertThat(cleaner.reconcile(issued, new FixedView().at(FixedView.NOW.plus(Duration.ofMinutes(61))))
                        .actions())
                .hasSize(1);
    }

    private static Plan token(String expiration) {
        return new TokenCleanerReconciler()
                .reconcile(
                        new SecretBuilder()
                                .withNewMetadata()
                                .withNamespace("kube-system")
                                .withName("bootstrap-token-abc123")
                                .withUid("u")
                                .endMetadata()
                                .withType("bootstrap.kubernetes.io/token")
                                .withData(Map.of(
                                        "expiration",
                                        Base64.getEncoder()
                                                .encodeToString(expiration.getBytes(StandardCharsets.UTF_8))))
                                .build(),
                        VIEW);
    }

    @Test
    void expiredTokensGo() {
        Instant now = FixedView.NOW;
        assertThat(token(now.minusSeconds(1).toString()).actions()).hasSize(1);
        assertThat(token("soon").actions()).hasSize(1);
        assertThat(token(now.plusSeconds(60).toString()).actions()).isEmpty();
        assertThat(token(now.plusSeconds(60).toString()).requeueAfter()).contains(Duration.ofSeconds(60));
    }
}
