package io.quarterdeck.benchmarks.api;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** What the load consists of. Pods are about 2.2 KB as served, with 50 values of a label and 500 nodes. */
public final class Objects {

    static final int LABEL_VALUES = 50;
    static final int NODES = 500;
    static final String PODS = "/api/v1/namespaces/%s/pods";

    /** Always six digits: others are no micro time. */
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private Objects() {}

    static String pods(String namespace) {
        return PODS.formatted(namespace);
    }

    static String namespace(String name) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"" + name + "\"}}";
    }

    static String serviceAccount() {
        return "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"default\"}}";
    }

    static String node(int number) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"node-" + number + "\"}}";
    }

    public static String podName(int number) {
        return "web-7d4b9c6f5d-%06d".formatted(number);
    }

    /** @param node "" for one that is not yet bound */
    static String pod(int number, String node) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" + podName(number)
                + "\",\"labels\":{\"app\":\"web\",\"tier\":\"t" + number % LABEL_VALUES
                + "\",\"pod-template-hash\":\"7d4b9c6f5d\"},\"annotations\":{\"sent-at\":\"0\"}},\"spec\":{"
                + (node.isEmpty() ? "" : "\"nodeName\":\"" + node + "\",")
                + "\"automountServiceAccountToken\":false,\"terminationGracePeriodSeconds\":30,\"containers\":[{"
                + "\"name\":\"web\",\"image\":\"registry.example/web:1.27.3\",\"ports\":[{\"containerPort\":8080,"
                + "\"name\":\"http\"}],\"env\":[{\"name\":\"MODE\",\"value\":\"production\"},{\"name\":\"REGION\","
                + "\"value\":\"eu-1\"}],\"resources\":{\"requests\":{\"cpu\":\"100m\",\"memory\":\"128Mi\"},"
                + "\"limits\":{\"memory\":\"256Mi\"}}}]}}";
    }

    public static String boundPod(int number) {
        return pod(number, "node-" + number % NODES);
    }

    static String binding(int number) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"Binding\",\"metadata\":{\"name\":\"" + podName(number)
                + "\"},\"target\":{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"node-" + number % NODES + "\"}}";
    }

    static String status(String phase, boolean ready) {
        return "{\"status\":{\"phase\":\"" + phase
                + "\",\"hostIP\":\"10.0.0.1\",\"podIP\":\"10.244.0.7\",\"conditions\":["
                + "{\"type\":\"Ready\",\"status\":\"" + (ready ? "True" : "False")
                + "\",\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"},{\"type\":\"Initialized\",\"status\":\"True\","
                + "\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"}],\"containerStatuses\":[{\"name\":\"web\",\"ready\":"
                + ready + ",\"restartCount\":0,\"image\":\"registry.example/web:1.27.3\",\"imageID\":\"\",\"started\":"
                + ready + (ready ? ",\"state\":{\"running\":{\"startedAt\":\"2026-01-01T00:00:00Z\"}}" : "") + "}]}}";
    }

    /** A change whose time of sending its readers can see. */
    static String stamp() {
        return "{\"metadata\":{\"annotations\":{\"sent-at\":\"" + System.nanoTime() + "\"}}}";
    }

    static String lease(String name, String version) {
        return "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{\"name\":\"" + name + "\""
                + (version.isEmpty() ? "" : ",\"resourceVersion\":\"" + version + "\"")
                + "},\"spec\":{\"holderIdentity\":\"" + name + "\",\"leaseDurationSeconds\":40,\"renewTime\":\""
                + MICROS.format(Instant.now()) + "\"}}";
    }

    static String largeConfig(int number, int bytes) {
        StringBuilder text = new StringBuilder(bytes);
        for (int i = 0; text.length() < bytes; i++) {
            text.append(Integer.toHexString((number + 1) * 31 + i * 7_919));
        }
        return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"large-" + number
                + "\"},\"data\":{\"text\":\"" + text + "\"}}";
    }
}
