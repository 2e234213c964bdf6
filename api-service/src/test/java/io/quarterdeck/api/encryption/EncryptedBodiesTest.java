package io.quarterdeck.api.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptedBodiesTest {

    private static final GroupResource SECRETS = new GroupResource("", "secrets");
    private static final String KEY = "c2VjcmV0IGlzIHNlY3VyZSwgb3IgaXMgaXQ/ISEhISE=";
    private static final String OTHER = "b3RoZXIgaXMgc2VjdXJlLCBvciBpcyBpdCBub3Q/ISE=";
    private static final byte[] BODY = "{\"data\":\"the canary\"}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private int writes;

    private static StoreKey key(String name) {
        return new StoreKey(SECRETS, ObjectKey.namespaced("a", name));
    }

    private Path write(String resources) throws IOException {
        Path file = Files.writeString(
                directory.resolve("encryption.yaml"),
                "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n" + resources);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000L * ++writes));
        return file;
    }

    private static String secrets(String providers) {
        return "- {resources: [secrets], providers: [" + providers + "]}\n";
    }

    private static String with(String provider, String name, String secret) {
        return provider + ": {keys: [{name: " + name + ", secret: \"" + secret + "\"}]}";
    }

    private EncryptedBodies open(String resources) throws IOException {
        return new EncryptedBodies(write(resources), () -> now);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"aesgcm", "aescbc", "secretbox", "envelope"})
    void opensWhatItSealed(String provider) throws IOException {
        EncryptedBodies bodies = open(secrets("{" + with(provider, "key1", KEY) + "}"));
        byte[] kept = bodies.seal(key("s"), BODY);
        assertThat(new String(kept, StandardCharsets.ISO_8859_1))
                .startsWith("k8s:enc:" + provider + ":v1:key1:")
                .doesNotContain("canary");
        assertThat(bodies.open(key("s"), kept)).isEqualTo(BODY);
        assertThat(bodies.seal(key("s"), BODY)).as("never the same twice").isNotEqualTo(kept);
        assertThat(bodies.open(key("s"), bodies.seal(key("s"), new byte[0]))).isEmpty();
        assertThat(bodies.hides(SECRETS)).isTrue();
        assertThat(bodies.hides(new GroupResource("", "pods"))).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"aesgcm", "secretbox", "envelope"})
    void noticesEveryChangedByte(String provider) throws IOException {
        EncryptedBodies bodies = open(secrets("{" + with(provider, "key1", KEY) + "}"));
        byte[] kept = bodies.seal(key("s"), BODY);
        for (int i = ("k8s:enc:" + provider + ":v1:key1:").length(); i < kept.length; i++) {
            byte[] changed = kept.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> bodies.open(key("s"), changed)).hasMessageContaining("secrets a/s cannot be read");
        }
        assertThatThrownBy(() -> bodies.open(key("s"), Arrays.copyOf(kept, kept.length - 1)))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"aesgcm", "envelope"})
    void aBodyInAnotherPlaceDoesNotOpen(String provider) throws IOException {
        EncryptedBodies bodies = open(secrets("{" + with(provider, "key1", KEY) + "}"));
        byte[] kept = bodies.seal(key("s"), BODY);
        assertThatThrownBy(() -> bodies.open(key("t"), kept)).hasMessageContaining("its key does not open it");
    }

    /** The box of NaCl's own documentation ("Cryptography in NaCl", section 10). */
    @Test
    void secretboxIsNaCls() throws GeneralSecurityException {
        HexFormat hex = HexFormat.of();
        byte[] boxKey = hex.parseHex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
        byte[] nonce = hex.parseHex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
        byte[] box = hex.parseHex("f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476f"
                + "b8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164"
                + "548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654c"
                + "b45a74e355a5");
        byte[] sealed = new byte[nonce.length + box.length];
        System.arraycopy(nonce, 0, sealed, 0, nonce.length);
        System.arraycopy(box, 0, sealed, nonce.length, box.length);
        byte[] text = new Transformers.SecretBox(new byte[0], boxKey).open(sealed, new byte[0]);
        assertThat(hex.formatHex(text)).startsWith("be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc");
        assertThat(text).hasSize(131);
    }

    @Test
    void theFirstSealsAllOpen() throws IOException {
        EncryptedBodies old = open(secrets("{" + with("aesgcm", "old", KEY) + "}"));
        byte[] before = old.seal(key("s"), BODY);
        EncryptedBodies both = open(secrets(
                "{" + with("envelope", "new", OTHER) + "}, {" + with("aesgcm", "old", KEY) + "}, {identity: {}}"));
        assertThat(both.open(key("s"), before)).isEqualTo(BODY);
        assertThat(both.open(key("s"), BODY))
                .as("from before there was encryption")
                .isEqualTo(BODY);
        assertThat(new String(both.seal(key("s"), BODY), StandardCharsets.ISO_8859_1))
                .startsWith("k8s:enc:envelope:v1:new:");
        EncryptedBodies only = open(secrets("{" + with("envelope", "new", OTHER) + "}"));
        assertThatThrownBy(() -> only.open(key("s"), before)).hasMessageContaining("no key of that name");
        assertThatThrownBy(() -> only.open(key("s"), BODY)).hasMessageContaining("it is clear");
    }

    @Test
    void takesAChangedFileOverAndAWrongOneNot() throws IOException {
        EncryptedBodies bodies = open(secrets("{" + with("aesgcm", "old", KEY) + "}"));
        byte[] before = bodies.seal(key("s"), BODY);
        long generation = bodies.generation();
        write(secrets("{" + with("aesgcm", "new", OTHER) + "}, {" + with("aesgcm", "old", KEY) + "}"));
        now = now.plusSeconds(6);
        assertThat(new String(bodies.seal(key("s"), BODY), StandardCharsets.ISO_8859_1))
                .contains(":new:");
        assertThat(bodies.open(key("s"), before)).isEqualTo(BODY);
        assertThat(bodies.generation()).isGreaterThan(generation);
        write("- {resources: [secrets], providers: []}\n");
        now = now.plusSeconds(6);
        assertThat(bodies.open(key("s"), before)).isEqualTo(BODY);
    }

    @ParameterizedTest(name = "{1} in {0}: {2}")
    @CsvSource({
        "secrets, secrets, true",
        "secrets, configmaps, false",
        "deployments.apps, deployments.apps, true",
        "deployments, deployments.apps, false",
        "*., configmaps, true",
        "*., deployments.apps, false",
        "*.apps, deployments.apps, true",
        "*.apps, configmaps, false",
        "*.*, configmaps, true",
        "*.*, widgets.example.org, true",
    })
    void finds(String rule, String resource, boolean found) {
        EncryptionRules rules = EncryptionRules.of(
                ConfigurationFile.parse(
                        "resources: [{resources: ['" + rule + "'], providers: [{" + with("aesgcm", "k", KEY) + "}]}]",
                        "test"),
                Path.of("test"));
        int dot = resource.indexOf('.');
        GroupResource storage = dot < 0
                ? new GroupResource("", resource)
                : new GroupResource(resource.substring(dot + 1), resource.substring(0, dot));
        assertThat(rules.providers(storage).getFirst().prefix().length > 0).isEqualTo(found);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "resources: []|resources: Required value: at least one resources is required",
                "resources: [{resources: [], providers: [{identity: {}}]}]|resources[0].resources: Required value: at least one resources[0].resources is required",
                "resources: [{resources: [secrets]}]|resources[0].providers: Required value: at least one resources[0].providers is required",
                "resources: [{resources: ['*'], providers: [{identity: {}}]}]|resources[0].resources[0]: Invalid value: \"*\": use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources",
                "resources: [{resources: [Secrets], providers: [{identity: {}}]}]|resources[0].resources[0]: Invalid value: \"Secrets\": resource name should not contain capital letters",
                "resources: [{resources: [a, a], providers: [{identity: {}}]}]|resources[0].resources: Invalid value: [\"a\",\"a\"]: the same resource cannot be specified multiple times",
                "resources: [{resources: ['*.*', secrets], providers: [{identity: {}}]}]|resources[0].resources: Invalid value: [\"*.*\",\"secrets\"]: using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
                "resources: [{resources: [a], providers: [{}]}]|resources[0].providers[0]: Invalid value: {\"AESGCM\":null,\"AESCBC\":null,\"Secretbox\":null,\"Identity\":null,\"KMS\":null}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity",
                "resources: [{resources: [a], providers: [{identity: {}, aesgcm: {}}]}]|more than one provider specified in a single element, should split into different list elements",
                "resources: [{resources: [a], providers: [{aesgcm: {keys: [{name: '', secret: YWJj}]}}]}]|resources[0].providers[0].aesgcm.keys[0].name: Required value: name is a mandatory field for a key",
                "resources: [{resources: [a], providers: [{aesgcm: {keys: [{name: k}]}}]}]|resources[0].providers[0].aesgcm.keys[0].secret: Required value: secret is a mandatory field for a key",
                "resources: [{resources: [a], providers: [{aesgcm: {keys: [{name: k, secret: YWJj}]}}]}]|resources[0].providers[0].aesgcm.keys[0].secret: Invalid value: \"REDACTED\": secret is not of the expected length, got 3, expected one of [16 24 32]",
                "resources: [{resources: [a], providers: [{secretbox: {keys: [{name: k, secret: YWJj}]}}]}]|got 3, expected one of [32]",
                "resources: [{resources: [a], providers: [{aesgcm: {keys: [{name: 'a:b', secret: YWJj}]}}]}]|have no colon",
                "resources: [{resources: [a], providers: [{aesgcm: {keys: [{name: k, secret: '??'}]}}]}]|resources[0].providers[0].aesgcm.keys[0].secret: Invalid value: \"REDACTED\": secrets must be base64 encoded",
                "resources: [{resources: [a], providers: [{aesgcm: {keys: []}}]}]|resources[0].providers[0].aesgcm.keys: Required value: at least one keys is required",
                "resources: [{resources: [a], providers: [{kms: {name: x}}]}]|no KMS plugin is supported",
                "resources: [{resources: [a], providers: [{rot13: {}}]}]|unknown field",
            })
    void refusesWhatCannotBeMeant(String configuration, String message) {
        assertThatThrownBy(() -> EncryptionRules.of(ConfigurationFile.parse(configuration, "test"), Path.of("test")))
                .hasMessageContaining(message);
    }

    @Test
    void aKeyMayStandInAFileOfItsOwn() throws IOException {
        Files.writeString(directory.resolve("key"), KEY + "\n");
        EncryptedBodies bodies = open(secrets("{envelope: {keys: [{name: k, secretFile: key}]}}"));
        assertThat(bodies.open(key("s"), bodies.seal(key("s"), BODY))).isEqualTo(BODY);
    }
}
