package io.quarterdeck.api.store;

import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Small objects for tests of the store and of what stands on it. */
public final class Samples {

    public static final GroupResource PODS = new GroupResource("", "pods");
    public static final GroupResource MAPS = new GroupResource("", "configmaps");
    public static final Transaction.Attribution TESTER = new Transaction.Attribution("tester", "audit-1", "");

    private Samples() {}

    public static StoreKey key(GroupResource storage, String namespace, String name) {
        return new StoreKey(storage, new ObjectKey(namespace, name));
    }

    public static StoreKey pod(String namespace, String name) {
        return key(PODS, namespace, name);
    }

    public static EntryHeader header(String uid, Map<String, String> labels, Map<String, String> fields) {
        return new EntryHeader(uid, labels, fields, List.of(), false);
    }

    /** A body with the metadata that {@code header} tells of, and one data field. */
    public static byte[] body(StoreKey key, EntryHeader header, String data) {
        String labels = header.labels().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(label -> "\"" + label.getKey() + "\":\"" + label.getValue() + "\"")
                .collect(Collectors.joining(",", "{", "}"));
        return ("\"metadata\":{\"resourceVersion\":\"\",\"name\":\"" + key.key().name() + "\",\"namespace\":\""
                        + key.key().namespace() + "\",\"uid\":\"" + header.uid() + "\",\"labels\":" + labels
                        + "},\"spec\":{\"nodeName\":\"" + header.fields().getOrDefault("spec.nodeName", "")
                        + "\"},\"data\":\"" + data + "\"}")
                .getBytes(StandardCharsets.UTF_8);
    }

    public static Operation.Put put(StoreKey key, long expected, String data, Map<String, String> labels) {
        return put(key, expected, data, labels, Map.of());
    }

    public static Operation.Put put(
            StoreKey key, long expected, String data, Map<String, String> labels, Map<String, String> fields) {
        EntryHeader header = header("uid-" + key.key().name(), labels, fields);
        return new Operation.Put(key, expected, "v1", body(key, header, data), header);
    }

    public static Operation.Put put(StoreKey key, long expected, String data) {
        return put(key, expected, data, Map.of());
    }

    public static Operation.Remove remove(StoreKey key, long expected) {
        EntryHeader header = header("uid-" + key.key().name(), Map.of(), Map.of());
        return new Operation.Remove(key, expected, "v1", body(key, header, "last"), header);
    }

    public static Transaction tx(Operation operation) {
        return Transaction.of(operation, TESTER);
    }

    public static Transaction tx(Operation... operations) {
        return new Transaction(List.of(operations), List.of(), TESTER);
    }

    public static String text(Entry entry) {
        return new String(entry.body(), StandardCharsets.UTF_8);
    }
}
