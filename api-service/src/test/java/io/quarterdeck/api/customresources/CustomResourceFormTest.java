package io.quarterdeck.api.customresources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.StreamingHeaderReader;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class CustomResourceFormTest {

    private static final Definition DEFINITION =
            Definition.of(new Document((ObjectNode) JsonMapper.shared().readTree("""
            {"metadata":{"name":"foos.g.io","uid":"d"},
             "spec":{"group":"g.io","scope":"Namespaced","versions":[
               {"name":"v1","served":true,"storage":true},{"name":"v2","served":true,"storage":false}]},
             "status":{"acceptedNames":{"plural":"foos","singular":"foo","kind":"Foo","listKind":"FooList"}}}
            """)), 5);

    private final List<Integer> calls = new ArrayList<>();
    private Conversion conversion = (objects, apiVersion) -> {
        calls.add(objects.size());
        objects.forEach(object -> object.set("apiVersion", apiVersion).set("spec.by", "hook"));
        return objects;
    };
    private final CustomResourceForm form = new CustomResourceForm(
            new CustomResourceCodec(new SchemaCodec()),
            new StreamingHeaderReader(storage -> List.of()),
            DEFINITION,
            Map.of(),
            (objects, apiVersion) -> conversion.convert(objects, apiVersion));

    private static Entry entry(String name, String version, long revision) {
        String body = "\"metadata\":{\"resourceVersion\":\"%d\",\"name\":\"%s\",\"uid\":\"u\"},\"spec\":{}}"
                .formatted(revision, name);
        StreamingHeaderReader headers = new StreamingHeaderReader(storage -> List.of());
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return new Entry(
                new StoreKey(DEFINITION.storage(), new ObjectKey("n", name)),
                revision,
                revision,
                version,
                bytes,
                headers.read(DEFINITION.storage(), bytes));
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }

    @Test
    void aListTakesOneCallWithThoseThatNeedIt() {
        List<Entry> shown = form.prepare(List.of(entry("a", "v1", 6), entry("b", "v2", 7), entry("c", "v1", 8)), "v2");
        assertThat(calls).containsExactly(2);
        assertThat(shown)
                .extracting(entry -> text(form.asIs(entry, "v2") ? entry.body() : "".getBytes()))
                .satisfiesExactly(
                        a -> assertThat(a).contains("\"name\":\"a\"", "\"by\":\"hook\"", "\"resourceVersion\":\"6\""),
                        b -> assertThat(b).contains("\"name\":\"b\"").doesNotContain("hook"),
                        c -> assertThat(c).contains("\"name\":\"c\"", "\"by\":\"hook\""));
    }

    @Test
    void whatWasConvertedOnceIsNotConvertedAgain() {
        Entry entry = entry("a", "v1", 6);
        form.prepare(List.of(entry), "v2");
        assertThat(form.read(entry, "v2").text("spec.by")).isEqualTo("hook");
        form.prepare(List.of(entry), "v2");
        assertThat(calls).containsExactly(1);
    }

    @Test
    void whatAReaderHoldsIsNotConvertedAgainHoweverMuchItIs() {
        conversion = (objects, apiVersion) -> {
            calls.add(objects.size());
            objects.forEach(object -> object.set("apiVersion", apiVersion).set("spec.text", "x".repeat(1 << 20)));
            return objects;
        };
        List<Entry> entries = IntStream.range(0, 20)
                .mapToObj(each -> entry("a" + each, "v1", 6 + each))
                .toList();
        List<Entry> shown = form.prepare(entries, "v2");
        entries.forEach(entry -> form.body(entry, "v2"));
        assertThat(calls).containsExactly(20);
        assertThat(shown).hasSize(20);
    }

    @Test
    void whatWasStoredLongAgoIsNotFilledInAfterItsConversion() {
        Entry shown = form.prepare(List.of(entry("a", "v1", 2)), "v2").getFirst();
        assertThat(form.asIs(shown, "v2")).isTrue();
    }

    @Test
    void whoComesMeanwhileWaitsForTheSameCall() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        Conversion plain = conversion;
        conversion = (objects, apiVersion) -> {
            asked.countDown();
            await(answered);
            return plain.convert(objects, apiVersion);
        };
        Entry entry = entry("a", "v1", 6);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<Entry>> first = threads.submit(() -> form.prepare(List.of(entry), "v2"));
            await(asked);
            Future<List<Entry>> second = threads.submit(() -> form.prepare(List.of(entry), "v2"));
            answered.countDown();
            assertThat(text(second.get().getFirst().body()))
                    .isEqualTo(text(first.get().getFirst().body()));
        }
        assertThat(calls).containsExactly(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFailureIsToldAndNotRemembered() {
        Conversion plain = conversion;
        conversion = (objects, apiVersion) -> {
            throw new StatusException(500, "", "down", null);
        };
        Entry entry = entry("a", "v1", 6);
        assertThatThrownBy(() -> form.prepare(List.of(entry), "v2")).hasMessageContaining("down");
        conversion = plain;
        assertThat(form.prepare(List.of(entry), "v2")).hasSize(1);
    }

    @Test
    void aVersionThatWentCannotBeRead() {
        assertThatThrownBy(() -> form.prepare(List.of(entry("a", "v0", 6)), "v2"))
                .hasMessageContaining("request to convert CR from an invalid group/version: g.io/v0");
        assertThat(calls).isEmpty();
    }

    @Test
    void aNullThatItsSchemaDoesNotAllowIsNotStored() {
        ObjectNode schema = (ObjectNode) JsonMapper.shared().readTree("""
                {"type":"object","properties":{"spec":{"type":"object","properties":{
                  "any":{"x-kubernetes-preserve-unknown-fields":true},"may":{"type":"string","nullable":true}}}}}""");
        CustomResourceForm typed = new CustomResourceForm(
                new CustomResourceCodec(new SchemaCodec()),
                new StreamingHeaderReader(storage -> List.of()),
                DEFINITION,
                Map.of("v1", JsonSchema.of(schema)),
                Conversion.NONE);
        Document object = new Document((ObjectNode) JsonMapper.shared().readTree("""
                {"apiVersion":"g.io/v1","kind":"Foo","metadata":{"name":"a"},"spec":{"any":null,"may":null}}"""));
        assertThat(text(typed.encode(object))).endsWith("\"spec\":{\"may\":null}}");
    }
}
