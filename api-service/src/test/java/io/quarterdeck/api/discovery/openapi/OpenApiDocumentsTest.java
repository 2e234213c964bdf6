package io.quarterdeck.api.discovery.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.schema.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class OpenApiDocumentsTest {

    private final OpenApiDocuments documents =
            new OpenApiDocuments(groupVersion -> groupVersion.matches("v1|(apps|batch|autoscaling)/v[12]"), "v1.36.2");

    private JsonNode v3(String path) {
        return Json.tree(documents.v3(path).orElseThrow().bytes());
    }

    @Test
    void indexNamesEachServedDocumentWithItsHash() {
        JsonNode paths = Json.tree(documents.v3Index().bytes()).path("paths");
        assertThat(paths.propertyNames())
                .contains("api", "api/v1", "apis", "apis/apps", "apis/apps/v1", "apis/autoscaling/v2", "version")
                .doesNotContain("apis/policy/v1", "apis/policy", "apis/apps/v1beta1", "apis/batch/v1beta1");
        assertThat(paths.path("apis/apps/v1").path("serverRelativeURL").asString())
                .isEqualTo("/openapi/v3/apis/apps/v1?hash="
                        + documents.v3("apis/apps/v1").orElseThrow().hash());
        assertThat(documents.v3("apis/nosuch/v1")).isEmpty();
    }

    @Test
    void patchOperationsTellThatTheServerValidatesFields() {
        JsonNode patch = v3("apis/apps/v1")
                .path("paths")
                .path("/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
                .path("patch");
        List<String> names = new ArrayList<>();
        patch.path("parameters")
                .forEach(parameter -> names.add(parameter.path("name").asString()));
        assertThat(names).contains("dryRun", "fieldManager", "fieldValidation", "force");
        assertThat(patch.path("requestBody").path("content").propertyNames())
                .containsExactly(
                        "application/json-patch+json",
                        "application/merge-patch+json",
                        "application/strategic-merge-patch+json",
                        "application/apply-patch+yaml");
        assertThat(patch.path("x-kubernetes-group-version-kind").path("kind").asString())
                .isEqualTo("Deployment");
    }

    @Test
    void versionThreeStatesDefaultsAndAlternatives() {
        JsonNode schemas = v3("api/v1").path("components").path("schemas");
        assertThat(schemas.path("io.k8s.apimachinery.pkg.util.intstr.IntOrString")
                        .path("oneOf")
                        .size())
                .isEqualTo(2);
        JsonNode port = schemas.path("io.k8s.api.core.v1.ContainerPort").path("properties");
        assertThat(port.path("protocol").path("default").asString()).isEqualTo("TCP");
        assertThat(port.path("containerPort").path("default").asInt()).isZero();
        JsonNode metadata =
                schemas.path("io.k8s.api.core.v1.Pod").path("properties").path("metadata");
        assertThat(metadata.path("allOf").get(0).path("$ref").asString())
                .isEqualTo("#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        assertThat(metadata.path("default").isObject()).isTrue();
    }

    @Test
    void typesOfAllGroupsAreNamedAsTheDocumentsOwn() {
        assertThat(v3("apis/apps/v1")
                        .at("/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")
                        .path("x-kubernetes-group-version-kind"))
                .extracting(kind -> kind.path("group").asString() + "/"
                        + kind.path("version").asString())
                .containsExactly("/v1", "apps/v1");
        assertThat(v3("api/v1").at("/components/schemas").propertyNames())
                .doesNotContain("io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup");
        assertThat(v3("openid/v1/jwks").path("components").has("schemas")).isFalse();
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        for (String path : Json.tree(documents.v3Index().bytes()).path("paths").propertyNames()) {
            JsonNode document = v3(path);
            for (JsonNode ref : document.findValues("$ref")) {
                if (ref.isString()) {
                    assertThat(document.at(ref.stringValue().substring(1)).isMissingNode())
                            .as(path + " " + ref)
                            .isFalse();
                }
            }
        }
        JsonNode v2 = Json.tree(documents.v2().bytes());
        for (JsonNode ref : v2.findValues("$ref")) {
            if (ref.isString()) {
                assertThat(v2.at(ref.stringValue().substring(1)).isMissingNode())
                        .as("v2 " + ref)
                        .isFalse();
            }
        }
        assertThat(v2.path("paths").has("/apis/policy/v1/")).isFalse();
        assertThat(documents.v2().etag()).isEqualTo(documents.v2().etag()).startsWith("\"");
    }

    private static CustomKind crontab(boolean namespaced) {
        return new CustomKind(
                "stable.example.com",
                "v1",
                "crontabs",
                "CronTab",
                "CronTabList",
                namespaced,
                true,
                true,
                (ObjectNode) Json.tree("""
                        {"type":"object","description":"A timetable.","properties":{"spec":{"type":"object","properties":{
                         "every":{"x-kubernetes-int-or-string":true},
                         "at":{"type":"string","nullable":true,"default":"noon"}},"required":["at"]}}}
                        """.getBytes(StandardCharsets.UTF_8)),
                List.of("spec.at"));
    }

    @Test
    void customKindsAreDescribedBesideTheOthers() {
        LiveDocuments live = new LiveDocuments(documents);
        live.describe(List.of(crontab(true)));
        OpenApiDocuments described = live.current();
        assertThat(Json.tree(described.v3Index().bytes()).path("paths").propertyNames())
                .contains("apis/stable.example.com/v1", "apis/apps/v1");
        assertThat(described.v3("apis/apps/v1").orElseThrow().hash())
                .isEqualTo(documents.v3("apis/apps/v1").orElseThrow().hash());
        JsonNode document = Json.tree(
                described.v3("apis/stable.example.com/v1").orElseThrow().bytes());
        JsonNode schema = document.path("components").path("schemas").path("com.example.stable.v1.CronTab");
        assertThat(schema.path("properties").propertyNames()).contains("apiVersion", "kind", "metadata", "spec");
        assertThat(schema.path("x-kubernetes-selectable-fields")
                        .get(0)
                        .path("fieldPath")
                        .asString())
                .isEqualTo("spec.at");
        JsonNode spec = schema.path("properties").path("spec");
        assertThat(spec.path("properties").path("every").path("anyOf").size()).isEqualTo(2);
        assertThat(spec.path("properties").path("at").path("nullable").asBoolean())
                .isTrue();
        JsonNode create = document.path("paths")
                .path("/apis/stable.example.com/v1/namespaces/{namespace}/crontabs")
                .path("post");
        assertThat(create.path("operationId").asString()).isEqualTo("createStableExampleComV1NamespacedCronTab");
        assertThat(create.path("description").asString()).isEqualTo("create a CronTab");
        live.describe(List.of());
        assertThat(live.current().v3("apis/stable.example.com/v1")).isEmpty();
    }

    @Test
    void versionTwoLeavesOutWhatItsReadersWouldMisread() {
        LiveDocuments live = new LiveDocuments(documents);
        live.describe(List.of(crontab(false)));
        JsonNode document = Json.tree(live.current().v2().bytes());
        JsonNode spec = document.path("definitions")
                .path("com.example.stable.v1.CronTab")
                .path("properties")
                .path("spec");
        assertThat(spec.has("required")).isFalse();
        assertThat(spec.path("properties").path("at").isEmpty()).isTrue();
        assertThat(document.path("paths")
                        .path("/apis/stable.example.com/v1/crontabs/{name}/status")
                        .path("put")
                        .path("operationId")
                        .asString())
                .isEqualTo("replaceStableExampleComV1CronTabStatus");
    }

    private ObjectNode described(String schema, boolean simple) {
        CustomKind kind = new CustomKind(
                "g.io",
                "v1",
                "foos",
                "Foo",
                "FooList",
                true,
                false,
                false,
                (ObjectNode) Json.tree("{\"type\":\"object\",\"properties\":{\"a\":%s}}"
                        .formatted(schema.replace('\'', '"'))
                        .getBytes(StandardCharsets.UTF_8)),
                List.of());
        return (ObjectNode) new CustomKindSchema(kind, Json.tree("{}".getBytes(StandardCharsets.UTF_8)), simple)
                .definitions()
                .at("/io.g.v1.Foo/properties/a");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {'nullable':true,'type':'object','additionalProperties':{'type':'string'}}    | {'additionalProperties':{'type':'string'}}
            {'nullable':true,'type':'object','properties':{'b':{}},'required':['b']}      | {'required':['b']}
            {'type':'object','additionalProperties':{'nullable':true},'required':['b']}   | {'type':'object','additionalProperties':{}}
            {'x-kubernetes-preserve-unknown-fields':true,'type':'string'}                 | {'x-kubernetes-preserve-unknown-fields':true,'type':'string'}
            {'x-kubernetes-preserve-unknown-fields':true,'type':'array','items':{}}       | {'x-kubernetes-preserve-unknown-fields':true}
            """)
    void versionTwoDropsOnlyWhatItsReadersCannotCopeWith(String schema, String simple) {
        assertThat(described(schema, true))
                .isEqualTo(Json.tree(simple.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'x-kubernetes-int-or-string':true                        | 'anyOf':[{'type':'integer'},{'type':'string'}]
            'anyOf':[{'minimum':3}],'x-kubernetes-int-or-string':true | 'anyOf':[{'minimum':3}],'allOf':[{'anyOf':[{'type':'integer'},{'type':'string'}]}]
            'allOf':[{'anyOf':[{'type':'integer'},{'type':'string'}]},{'minimum':3}],'x-kubernetes-int-or-string':true | 'allOf':[{'anyOf':[{'type':'integer'},{'type':'string'}]},{'minimum':3}]
            """)
    void integersOrStringsAreSaidToBeOneOfTwoTypesOnce(String schema, String unfolded) {
        ObjectNode described = described("{" + schema + "}", false);
        described.remove("x-kubernetes-int-or-string");
        assertThat(described)
                .isEqualTo(Json.tree(("{" + unfolded + "}").replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }
}
