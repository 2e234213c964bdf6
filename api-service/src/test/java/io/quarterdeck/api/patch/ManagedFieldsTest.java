package io.quarterdeck.api.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.schema.Defaults;
import io.quarterdeck.api.schema.SchemaCatalog;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Who owns what, where recorded scenarios do not reach: several versions, the way from client-side apply, many updaters. */
class ManagedFieldsTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final GroupVersionKind CONFIG_MAP = new GroupVersionKind("", "v1", "ConfigMap");

    private final ManagedFields ownership = new ManagedFields();
    private final KindTargets targets = new KindTargets();

    private static Document json(String text) {
        return new Document((ObjectNode) JsonMapper.shared().readTree(text.replace('\'', '"')));
    }

    private static GroupVersionKind autoscaler(String version) {
        return new GroupVersionKind("autoscaling", version, "HorizontalPodAutoscaler");
    }

    private static Document configMap(String data) {
        return json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m'},'data':%s}".formatted(data));
    }

    private Document applied(Document live, Document configuration, String manager) {
        return ownership.apply(live, configuration, targets.of(CONFIG_MAP, ""), manager, false, NOW);
    }

    private static List<String> owners(Document object) {
        List<String> owners = new ArrayList<>();
        for (JsonNode entry : object.at("metadata.managedFields")) {
            owners.add("%s %s %s %s"
                    .formatted(
                            entry.path("manager").asString(),
                            entry.path("operation").asString(),
                            entry.path("apiVersion").asString(),
                            entry.path("fieldsV1")));
        }
        return owners;
    }

    @Test
    void whatIsOwnedInAnotherVersionIsLostWhenItsFieldThereChanges() {
        Document old = json("""
                {'apiVersion':'autoscaling/v1','kind':'HorizontalPodAutoscaler','metadata':{'name':'h','uid':'u','managedFields':[
                  {'manager':'newer','operation':'Apply','apiVersion':'autoscaling/v2','fieldsType':'FieldsV1','fieldsV1':{
                    'f:spec':{'f:metrics':{},'f:maxReplicas':{}}}}]},
                 'spec':{'scaleTargetRef':{'kind':'D','name':'d'},'maxReplicas':5,'targetCPUUtilizationPercentage':50}}""");
        Document next = old.copy();
        next.set("spec.targetCPUUtilizationPercentage", 60);

        ownership.recordUpdate(next, old, targets.of(autoscaler("v1"), ""), "older", NOW);

        assertThat(owners(next))
                .containsExactly(
                        "newer Apply autoscaling/v2 {\"f:spec\":{\"f:maxReplicas\":{}}}",
                        "older Update autoscaling/v1 {\"f:spec\":{\"f:targetCPUUtilizationPercentage\":{}}}");
    }

    @Test
    void anApplyInAnotherVersionDropsWhatWasAppliedInTheFirst() {
        Document live = json("""
                {'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler','metadata':{'name':'h','uid':'u','managedFields':[
                  {'manager':'one','operation':'Apply','apiVersion':'autoscaling/v1','fieldsType':'FieldsV1','fieldsV1':{
                    'f:spec':{'f:minReplicas':{},'f:maxReplicas':{}}}}]},
                 'spec':{'scaleTargetRef':{'kind':'D','name':'d'},'minReplicas':2,'maxReplicas':5}}""");
        Document configuration = json("""
                {'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler','metadata':{'name':'h'},'spec':{'maxReplicas':6}}""");

        Document next = ownership.apply(live, configuration, targets.of(autoscaler("v2"), ""), "one", false, NOW);

        assertThat(next.has("spec.minReplicas")).isFalse();
        assertThat(next.number("spec.maxReplicas", 0)).isEqualTo(6);
        assertThat(owners(next)).containsExactly("one Apply autoscaling/v2 {\"f:spec\":{\"f:maxReplicas\":{}}}");
    }

    @Test
    void whatHoldsNothingButAListThatIsAppliedAsNullVanishesWithIt() {
        Document live = json("""
                {'apiVersion':'storage.k8s.io/v1','kind':'CSINode','metadata':{'name':'n','uid':'u','managedFields':[
                  {'manager':'one','operation':'Apply','apiVersion':'storage.k8s.io/v1','fieldsType':'FieldsV1','fieldsV1':{
                    'f:spec':{'f:drivers':{'k:{\\'name\\':\\'d\\'}':{'.':{},'f:name':{},'f:nodeID':{}}}}}}]},
                 'spec':{'drivers':[{'name':'d','nodeID':'i'}]}}""");
        Document configuration = json("""
                {'apiVersion':'storage.k8s.io/v1','kind':'CSINode','metadata':{'name':'n'},'spec':{'drivers':null}}""");

        GroupVersionKind kind = new GroupVersionKind("storage.k8s.io", "v1", "CSINode");
        Document next = ownership.apply(live, configuration, targets.of(kind, ""), "one", false, NOW);

        assertThat(next.has("spec")).isFalse();
        assertThat(owners(next)).containsExactly("one Apply storage.k8s.io/v1 {\"f:spec\":{\"f:drivers\":{}}}");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            applied empty    | {}   | {}
            applied as null  | null | {}
            applied no more  |      | ''
            """)
    void aMapThatLosesWhatWasAppliedIsWhatTheConfigurationSays(String name, String data, String left) {
        Document live = json("""
                {'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m','uid':'u','managedFields':[
                  {'manager':'one','operation':'Apply','apiVersion':'v1','fieldsType':'FieldsV1','fieldsV1':{
                    'f:data':{'f:a':{}}}}]},
                 'data':{'a':'b'}}""");
        Document configuration =
                data == null ? json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m'}}") : configMap(data);

        assertThat(applied(live, configuration, "one").at("data").toString()).isEqualTo(left);
    }

    @Test
    void whatIsOwnedInAVersionThatIsNotServedIsForgotten() {
        Document old = json("""
                {'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler','metadata':{'name':'h','uid':'u','managedFields':[
                  {'manager':'gone','operation':'Update','apiVersion':'autoscaling/v2beta2','fieldsType':'FieldsV1',
                   'fieldsV1':{'f:spec':{'f:maxReplicas':{}}}},
                  {'manager':'here','operation':'Update','apiVersion':'autoscaling/v2','fieldsType':'FieldsV1',
                   'fieldsV1':{'f:spec':{'f:minReplicas':{}}}}]},
                 'spec':{'scaleTargetRef':{'kind':'D','name':'d'},'minReplicas':2,'maxReplicas':5}}""");
        Document next = old.copy();

        ownership.recordUpdate(next, old, targets.of(autoscaler("v2"), ""), "other", NOW);

        assertThat(owners(next)).containsExactly("here Update autoscaling/v2 {\"f:spec\":{\"f:minReplicas\":{}}}");
    }

    private static Document appliedByClient(String lastApplied) {
        Document live = json("""
                {'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m','uid':'u','annotations':{},'managedFields':[
                  {'manager':'kubectl-client-side-apply','operation':'Update','apiVersion':'v1','fieldsType':'FieldsV1',
                   'fieldsV1':{'f:data':{'.':{},'f:a':{},'f:b':{}}}}]},
                 'data':{'a':'1','b':'2'}}""");
        ((ObjectNode) live.at("metadata.annotations")).put(LastApplied.ANNOTATION, lastApplied);
        return live;
    }

    @Test
    void kubectlMayChangeWhatItAppliedOnTheClientBefore() {
        Document live =
                appliedByClient("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"data\":{\"a\":\"1\",\"b\":\"2\"}}");

        Document next = applied(live, configMap("{'a':'x<y'}"), "kubectl");

        assertThat(next.text("data.a")).isEqualTo("x<y");
        assertThat(next.annotation(LastApplied.ANNOTATION))
                .isEqualTo("{\"apiVersion\":\"v1\",\"data\":{\"a\":\"x\\u003cy\"},\"kind\":\"ConfigMap\","
                        + "\"metadata\":{\"name\":\"m\"}}\n");
    }

    @ParameterizedTest
    @CsvSource({
        "another manager,                  helm,    '{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"data\":{\"a\":\"1\"}}'",
        "a field that changed since,       kubectl, '{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"data\":{\"a\":\"0\"}}'",
        "a field that it did not state,    kubectl, '{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"data\":{\"b\":\"2\"}}'",
        "another version,                  kubectl, '{\"apiVersion\":\"v2\",\"kind\":\"ConfigMap\",\"data\":{\"a\":\"1\"}}'",
        "an annotation that does not tell, kubectl, 'nothing'",
    })
    void whoeverDidNotApplyTheFieldOnTheClientIsInConflict(String why, String manager, String lastApplied) {
        assertThatThrownBy(() -> applied(appliedByClient(lastApplied), configMap("{'a':'x'}"), manager))
                .as(why)
                .isInstanceOf(StatusException.class)
                .hasMessageContaining(
                        "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.a");
    }

    @Test
    void severalConflictsAreListedByManager() {
        Document live = json("""
                {'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m','uid':'u','managedFields':[
                  {'manager':'two','operation':'Update','apiVersion':'v1','fieldsType':'FieldsV1','fieldsV1':{'f:data':{'f:b':{}}}},
                  {'manager':'one','operation':'Apply','apiVersion':'v1','fieldsType':'FieldsV1','fieldsV1':{'f:data':{'f:a':{}}}}]},
                 'data':{'a':'1','b':'2'}}""");
        assertThatThrownBy(() -> applied(live, configMap("{'a':'x','b':'x'}"), "three"))
                .hasMessageContaining("Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.a\n"
                        + "conflicts with \"two\" using v1:\n- .data.b");
    }

    @Test
    void manyUpdatersAreSummedUpFromTheOldestOn() {
        Document object = configMap("{}");
        object.set("metadata.uid", "u");
        object.tree().withArray("/metadata/managedFields");
        Document old = json(
                "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m','uid':'u','managedFields':[]},'data':{}}");
        for (int i = 0; i < 11; i++) {
            ((ObjectNode) old.at("data")).put("k" + i, "v");
            ((ArrayNode) old.at("metadata.managedFields"))
                    .add(
                            json("{'manager':'m%d','operation':'Update','apiVersion':'v1','time':'2026-01-01T00:00:%02dZ','fieldsType':'FieldsV1','fieldsV1':{'f:data':{'f:k%d':{}}}}"
                                            .formatted(i, i, i))
                                    .tree());
        }
        Document next = old.copy();
        ((ObjectNode) next.at("data")).put("z", "v");

        ownership.recordUpdate(next, old, targets.of(CONFIG_MAP, ""), "last", NOW);

        assertThat(owners(next))
                .hasSize(10)
                .first()
                .isEqualTo("ancient-changes Update v1 {\"f:data\":{\"f:k0\":{},\"f:k1\":{},\"f:k2\":{}}}");
    }

    @ParameterizedTest
    @CsvSource({
        "an empty entry resets,             '[{}]',                                                      true",
        "an empty list resets,              '[]',                                                        true",
        "an unreadable list changes nothing, '[{\"manager\":\"x\",\"operation\":\"Bad\"}]',             false",
    })
    void whatARequestSaysOfTheOwners(String name, String stated, boolean forgotten) {
        Document old = applied(null, configMap("{'a':'1'}"), "one");
        old.set("metadata.uid", "u");
        Document next = old.copy();
        next.set("metadata.managedFields", JsonMapper.shared().readTree(stated));

        ownership.recordUpdate(next, old, targets.of(CONFIG_MAP, ""), "u", NOW);

        assertThat(owners(next).isEmpty()).as(name).isEqualTo(forgotten);
    }

    @Test
    void anItemListedTwiceIsReplacedByTheAppliedOne() {
        TypedTree trees = new TypedTree(Defaults.builtin());
        var schema = SchemaCatalog.builtin()
                .find(new GroupVersionKind("", "v1", "Service"))
                .orElseThrow();
        Document live = json("{'spec':{'ports':[{'port':1,'name':'a'},{'port':1,'name':'b'},{'port':2}]}}");
        Document stated = json("{'spec':{'ports':[{'port':1,'targetPort':3}]}}");
        assertThat(trees.merge(live.tree(), stated.tree(), schema).toString())
                .isEqualTo("{\"spec\":{\"ports\":[{\"port\":1,\"targetPort\":3},{\"port\":2}]}}");
    }
}
