package io.quarterdeck.api.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.testing.Stored;
import java.util.List;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    private static Document rbac(String kind, String name) {
        return DefaultRoles.all().stream()
                .filter(object -> object.kind().equals(kind) && object.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theDefaultsAreThoseOfANewCluster() {
        List<Document> all = DefaultRoles.all();
        assertThat(all.stream().map(Document::kind).filter("ClusterRole"::equals))
                .hasSize(69);
        assertThat(all.stream().map(Document::kind).filter("ClusterRoleBinding"::equals))
                .hasSize(50);
        assertThat(BootstrapData.read("flowcontrol.json")).hasSize(19);
        assertThat(BootstrapData.read("priorityclasses.json")).hasSize(2);
    }

    @Test
    void aRoleGetsBackWhatItLostAndKeepsWhatWasAdded() {
        Document desired = rbac("ClusterRole", "system:basic-user");
        Document existing = desired.copy();
        existing.tree().putArray("rules").addObject().put("added", true);
        Document next = Desired.reconciled(desired, existing).orElseThrow();
        assertThat(next.items("rules"))
                .containsAll(desired.items("rules"))
                .hasSize(desired.items("rules").size() + 1);
        assertThat(Desired.reconciled(desired, desired)).isEmpty();
    }

    @Test
    void whoSwitchedAutoupdateOffIsLeftAlone() {
        Document desired = rbac("ClusterRole", "view");
        Document existing = desired.copy();
        existing.object("metadata.annotations").put("rbac.authorization.kubernetes.io/autoupdate", "false");
        existing.remove("aggregationRule");
        assertThat(Desired.reconciled(desired, existing)).isEmpty();
    }

    @Test
    void aBindingToAnotherRoleIsMadeAnew() {
        Document desired = rbac("ClusterRoleBinding", "cluster-admin");
        Document existing = desired.copy();
        existing.set("roleRef.name", "other");
        assertThat(Desired.mustBeReplaced(desired, existing)).isTrue();
        assertThat(Desired.mustBeReplaced(desired, desired)).isFalse();
    }

    @Test
    void theAggregatedRulesAreTheControllers() {
        Document desired = rbac("ClusterRole", "admin");
        Document existing = Stored.json(desired.toString());
        existing.tree().putArray("rules").addObject().put("gathered", true);
        assertThat(Desired.reconciled(desired, existing)).isEmpty();
    }

    @Test
    void theClustersInfoFollowsItsAuthorityAndKeepsItsAddress() {
        Document info =
                ClusterObjects.clusterInfo(new ClusterObjects.Endpoint(List.of("fd00::1", "10.0.0.1"), 6443), "one");
        assertThat(info.text("data.kubeconfig"))
                .contains("certificate-authority-data: b25l\n    server: https://[fd00::1]:6443\n");
        assertThat(ClusterObjects.vouchedFor(info, "one")).isEmpty();
        info.set("data.kubeconfig", info.text("data.kubeconfig").replace("[fd00::1]:6443", "lb.example:443"));
        info.set("data.jws-kubeconfig-abcdef", "signature");
        Document next = ClusterObjects.vouchedFor(info, "two").orElseThrow();
        assertThat(next.text("data.kubeconfig")).contains("authority-data: dHdv\n    server: https://lb.example:443\n");
        assertThat(next.text("data.jws-kubeconfig-abcdef")).as("the signer's").isEqualTo("signature");
        info.set("data.kubeconfig", "somebody's own");
        assertThat(ClusterObjects.vouchedFor(info, "two")).isEmpty();
    }

    @Test
    void theApisAddressIsTheFirstOfTheRange() {
        assertThat(Bootstrap.firstAddress("10.96.0.0/16")).isEqualTo("10.96.0.1");
        assertThat(Bootstrap.firstAddress("10.0.255.255/30")).isEqualTo("10.1.0.0");
        assertThat(Bootstrap.firstAddress("fd00::/108")).isEqualTo("fd00:0:0:0:0:0:0:1");
    }
}
