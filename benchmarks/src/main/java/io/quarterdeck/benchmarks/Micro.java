package io.quarterdeck.benchmarks;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.cache.CacheLimits;
import io.quarterdeck.api.cache.EventCursor;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.cache.WatchEvent;
import io.quarterdeck.api.cache.WatchStart;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindsConfiguration;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.patch.ManagedFields;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceStrategy;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.registry.StreamingHeaderReader;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.api.store.memory.MemoryOrderedStore;
import io.quarterdeck.api.validation.MetadataRules;
import io.quarterdeck.benchmarks.api.Objects;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.LabelSelectorSyntax;
import io.quarterdeck.model.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** Pieces of the way of a pod through the api-service, each alone, warm. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseCompactObjectHeaders", "-Xmx1g"})
public class Micro {

    private static final GroupVersionKind POD = new GroupVersionKind("", "v1", "Pod");
    private static final FieldOwnership.Target STATUS_OF_POD =
            FieldOwnership.Target.of(POD, "status", SettableFields.allBut("spec"));
    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final Transaction.Attribution NOBODY = new Transaction.Attribution("benchmark", "", "");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final int STORED = 10_000;

    private final SchemaCodec codec = new SchemaCodec();
    private final ManagedFields ownership = new ManagedFields();
    private final StreamingHeaderReader headers =
            new StreamingHeaderReader(storage -> List.of(SelectableField.of("spec.nodeName")));
    private final MemoryOrderedStore store = new MemoryOrderedStore(InstantSource.system());
    private final StoreWatchCache cache = new StoreWatchCache(store, CacheLimits.standard());
    private final Selection selection = new Selection(
            "bench",
            "",
            LabelSelectorSyntax.parse("tier=t7,app in (web,api)"),
            new FieldSelector(List.of(new FieldSelector.Requirement("spec.nodeName", true, "node-7"))));

    private final AnnotationConfigApplicationContext kinds = kinds();
    private final ResourceStrategy pods = kinds.getBean("podStrategy", ResourceStrategy.class);
    private final RequestInfo creation = new RequestInfo(
            User.API_SERVER,
            "create",
            "v1",
            new ObjectKey("bench", ""),
            "",
            false,
            "benchmark",
            RequestInfo.FieldValidation.STRICT,
            "",
            NOW,
            warning -> {});

    private byte[] request = new byte[0];
    private byte[] stored = new byte[0];
    private Document complete = Document.empty();
    private Document changed = Document.empty();
    private Entry entry = new Entry(
            new StoreKey(PODS, new ObjectKey("bench", "none")),
            1,
            1,
            "v1",
            stored,
            new EntryHeader("", Map.of(), Map.of(), List.of(), false));
    private @Nullable EventCursor watcher;
    private int next;

    public static void main(String[] arguments) throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        if (arguments.length == 0) {
            options.include(Micro.class.getName());
        }
        for (String pattern : arguments) {
            options.include(Micro.class.getName() + "." + pattern);
        }
        new Runner(options.build()).run();
    }

    /** Each kind is made when it is asked for: this needs one, and what the others need is not here. */
    private static AnnotationConfigApplicationContext kinds() {
        AnnotationConfigApplicationContext kinds = new AnnotationConfigApplicationContext();
        kinds.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
        kinds.register(KindsConfiguration.class);
        kinds.refresh();
        return kinds;
    }

    @Setup
    public void prepare() throws InterruptedException {
        request = Objects.boundPod(7).getBytes(StandardCharsets.UTF_8);
        complete = decode();
        codec.applyDefaults(complete, POD);
        complete.set("metadata.namespace", "bench").set("metadata.uid", "0a1b2c3d-0000-4000-8000-000000000007");
        ownership.recordUpdate(
                complete, null, FieldOwnership.Target.of(POD, "", SettableFields.allBut("status")), "benchmark", NOW);
        changed = complete.copy();
        changed.object("status").put("phase", "Running");
        stored = codec.canonical(complete.copy(), POD);
        cache.start();
        for (int i = 0; i < STORED; i++) {
            entry = write(i, 0);
        }
        watcher = cache.watch(PODS, Selection.ALL, new WatchStart.Existing(new Freshness.Any()));
        while (!watcher.initialEventsDone()) {
            watcher.next(STORED, Duration.ZERO);
        }
    }

    @TearDown
    public void close() throws Exception {
        java.util.Objects.requireNonNull(watcher).close();
        cache.close();
        kinds.close();
    }

    private Entry write(int number, long expected) {
        Operation put = new Operation.Put(
                new StoreKey(PODS, new ObjectKey("bench", Objects.podName(number))),
                expected,
                "v1",
                stored,
                headers.read(PODS, stored));
        return store.commit(Transaction.of(put, NOBODY)).join().getFirst();
    }

    @Benchmark
    public Document decode() {
        return codec.decode(request, Encoding.JSON, POD).document();
    }

    @Benchmark
    public Document decodeAndDefault() {
        Document pod = decode();
        codec.applyDefaults(pod, POD);
        return pod;
    }

    /** All rules of a create, of which this pod breaks none. */
    @Benchmark
    public List<FieldError> validate() {
        List<FieldError> findings = new ArrayList<>(MetadataRules.create(complete, true, pods.names()));
        findings.addAll(pods.validateCreate(complete, creation));
        if (!findings.isEmpty()) {
            throw new IllegalStateException(findings.toString());
        }
        return findings;
    }

    @Benchmark
    public Document readStored() {
        return codec.read(stored, POD);
    }

    @Benchmark
    public byte[] canonical() {
        return codec.canonical(complete, POD);
    }

    @Benchmark
    public byte[] protobuf() {
        return codec.protobuf(complete.tree(), POD);
    }

    @Benchmark
    public EntryHeader header() {
        return headers.read(PODS, stored);
    }

    @Benchmark
    public Document managedFieldsOfStatus() {
        Document pod = changed.copy();
        ownership.recordUpdate(pod, complete, STATUS_OF_POD, "kubelet", NOW);
        return pod;
    }

    @Benchmark
    public boolean selectorMatch() {
        return selection.matches(entry);
    }

    /** A commit in memory, seen by a watcher of one node. */
    @Benchmark
    public List<WatchEvent> publish() throws InterruptedException {
        treeAndRing();
        return java.util.Objects.requireNonNull(watcher).next(16, Duration.ZERO);
    }

    /** A commit in memory: the tree's update, both indexes, the ring. */
    @Benchmark
    public Entry treeAndRing() {
        next = (next + 7_919) % STORED;
        StoreKey key = new StoreKey(PODS, new ObjectKey("bench", Objects.podName(next)));
        long current =
                cache.get(PODS, key.key(), new Freshness.Any()).orElseThrow().revision();
        return write(next, current);
    }
}
