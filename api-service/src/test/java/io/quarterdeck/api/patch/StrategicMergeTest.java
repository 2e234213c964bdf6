package io.quarterdeck.api.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.SchemaCatalog;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a real API server said to these patches. */
class StrategicMergeTest {

    private static final String POD = """
            {"metadata":{"name":"p","labels":{"a":"b"},"finalizers":["a/b"]},
             "spec":{"containers":[{"name":"c","args":["x","y"]}],"tolerations":[{"key":"a"}]}}""";

    private static ObjectNode merged(String patch) {
        return StrategicMerge.merge(
                object(POD),
                object(patch),
                SchemaCatalog.builtin()
                        .find(new GroupVersionKind("", "v1", "Pod"))
                        .orElseThrow());
    }

    private static ObjectNode object(String json) {
        return (ObjectNode) JsonMapper.shared().readTree(json);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            an order of no field         | {"$setElementOrder/foo":[1]}                                     | unable to find api field in struct Pod for the json field "foo"
            deep down                    | {"spec":{"$setElementOrder/foo":[]}}                             | unable to find api field in struct PodSpec for the json field "foo"
            an order within a map        | {"metadata":{"labels":{"$setElementOrder/foo":["a"]}}}           | merging an object in json but data type is not struct, instead is: map
            an order of what is no list  | {"spec":{"$setElementOrder/nodeName":["x"]}}                     | expected slice or array type, but got: struct
            an order without merge key   | {"spec":{"$setElementOrder/containers":[{"nam":"c"}]}}           | map: map[nam:c] does not contain declared merge key: name
            an order of scalars          | {"spec":{"$setElementOrder/containers":["c"]}}                   | value for key 0 is not a map
            a list of something else     | {"metadata":{"$deleteFromPrimitiveList/finalizers":[1]}}         | list element types are not identical: [[a/b] [1]]
            a directive that is none     | {"spec":{"$patch":1}}                                            | unknown patch type: %!s(int64=1) in map: map[$patch:1]
            """)
    void isRefused(String name, String patch, String why) {
        assertThatThrownBy(() -> merged(patch)).isInstanceOfSatisfying(StatusException.class, refused -> {
            assertThat(refused.code()).isEqualTo(500);
            assertThat(refused.text()).isEqualTo(why);
        });
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            from a list that is replaced | {"spec":{"containers":[{"name":"c","$deleteFromPrimitiveList/args":["x"]}]}} | /spec/containers/0/args | ["y"]
            from a list that is merged   | {"metadata":{"$deleteFromPrimitiveList/finalizers":["a/b"]}}                 | /metadata/finalizers    | []
            """)
    void deletes(String name, String patch, String pointer, String left) {
        assertThat(merged(patch).at(pointer)).isEqualTo(JsonMapper.shared().readTree(left));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            what is new keeps its directives | {"spec":{"containers":[{"name":"n","$setElementOrder/ports":[],"tty":null}]}} | /spec/containers/0 | {"name":"n","$setElementOrder/ports":[],"tty":null}
            but no nulls in a new field      | {"spec":{"securityContext":{"runAsUser":null,"$retainKeys":["a"]}}}           | /spec/securityContext | {"$retainKeys":["a"]}
            and nothing that is to go        | {"spec":{"affinity":{"nodeAffinity":{"$patch":"delete"}}}}                    | /spec/affinity     | {}
            """)
    void adds(String name, String patch, String pointer, String added) {
        assertThat(merged(patch).at(pointer)).isEqualTo(JsonMapper.shared().readTree(added));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a number as uid       | {"metadata":{"uid":5}}                       | cannot convert int64 to types.UID
            a fraction as uid     | {"metadata":{"uid":1.5}}                     | unrecognized type: string
            a number as time      | {"metadata":{"creationTimestamp":5}}         | json: cannot unmarshal number into Go value of type string
            a fraction as map     | {"metadata":{"labels":1.5}}                  | cannot restore map from float64
            a text as list        | {"spec":{"volumes":"x"}}                     | cannot restore slice from string
            a flag as policy      | {"spec":{"restartPolicy":true}}              | unrecognized type: string
            a list as seconds     | {"spec":{"activeDeadlineSeconds":[]}}        | unrecognized type: int64
            """)
    void whatDoesNotFitIsToldAsUpstreamTellsIt(String name, String patch, String why) {
        GroupVersionKind kind = new GroupVersionKind("", "v1", "Pod");
        ObjectNode pod = object(POD).put("apiVersion", "v1").put("kind", "Pod");
        Patcher.Patched patched =
                new SchemaPatcher().strategic(pod, patch.getBytes(StandardCharsets.UTF_8), Encoding.JSON, kind);

        assertThatThrownBy(() -> new SchemaCodec().check(patched.tree(), kind))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        refusal -> assertThat(patched.refused(refusal.text()).text())
                                .endsWith(": " + why));
    }
}
