package io.quarterdeck.system.fuzz;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Sends a number of requests that a seed decides, and judges each answer. {@link #main} runs longer ones by command, also
 * beside a second server whose answers count as right.
 */
public final class Fuzz {
    private static final int COMPLAINTS = 40;

    private final URI server;
    private final String token;
    private final SSLContext trust;

    /**
     * What came of a run.
     *
     * @param statuses how often each was answered
     * @param complaints the first of them
     * @param slowestMillis of one request
     */
    public record Outcome(int requests, Map<Integer, Integer> statuses, List<String> complaints, long slowestMillis) {}

    /**
     * @param server such as {@code https://127.0.0.1:6443}
     * @param token of an administrator
     * @param authority the certificate to trust
     */
    public Fuzz(URI server, String token, Path authority) throws IOException, GeneralSecurityException {
        this.server = server;
        this.token = token;
        this.trust = trust(authority);
    }

    private static SSLContext trust(Path authority) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = new FileInputStream(authority.toFile())) {
            int number = 0;
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + number++, certificate);
            }
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private Wire wire() {
        return new Wire(server, token, trust);
    }

    /** The requests that the server's own document leads to, after the namespaces they use were made. */
    private Requests prepared() throws IOException {
        try (Wire wire = wire()) {
            for (String namespace : Requests.NAMESPACES) {
                wire.send(json("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"%s\"}}".formatted(namespace)));
                wire.send(json(
                        "POST",
                        "/api/v1/namespaces/" + namespace + "/serviceaccounts",
                        "{\"metadata\":{\"name\":\"default\"}}"));
            }
            Answer document = wire.send(json("GET", "/openapi/v2", ""));
            JsonNode tree = new ObjectMapper().readTree(document.body());
            return new Requests(tree);
        }
    }

    private static Request json(String method, String target, String body) {
        return new Request(
                method,
                target,
                Map.of("Accept", "application/json", "Content-Type", "application/json"),
                body.getBytes(StandardCharsets.UTF_8));
    }

    /** Runs {@code count} requests over {@code connections}, in an order that only connections' speed decides. */
    public Outcome run(long seed, int count, int connections) throws IOException, InterruptedException {
        Requests requests = prepared();
        Map<Integer, Integer> statuses = new ConcurrentSkipListMap<>();
        ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
        LongAccumulator slowest = new LongAccumulator(Math::max, 0);
        AtomicInteger next = new AtomicInteger();
        try (var executor = Executors.newFixedThreadPool(connections)) {
            for (int i = 0; i < connections; i++) {
                executor.submit(() -> {
                    try (Wire wire = wire()) {
                        for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement()) {
                            Request request = requests.request(new Chance(seed + number));
                            String complaint;
                            try {
                                Answer answer = wire.send(request);
                                statuses.merge(answer.status(), 1, Integer::sum);
                                slowest.accumulate(answer.millis());
                                complaint = Judge.complaint(request, answer)
                                        .map(text -> text + ": " + shown(answer))
                                        .orElse("");
                            } catch (IOException | RuntimeException e) {
                                complaint = "no answer: " + e;
                            }
                            if (!complaint.isEmpty() && complaints.size() < COMPLAINTS) {
                                complaints.add("#" + number + " " + complaint + "\n  " + request.shown());
                            }
                        }
                    }
                });
            }
        }
        return new Outcome(count, new TreeMap<>(statuses), new ArrayList<>(complaints), slowest.get());
    }

    private static String shown(Answer answer) {
        String body = new String(answer.body(), StandardCharsets.UTF_8).replaceAll("\\s+", " ");
        return answer.status() + " " + (body.length() > 400 ? body.substring(0, 400) + "..." : body);
    }

    /** Prints where two servers answer the same requests with different codes, reasons, warnings or kinds of message. */
    private static void compare(Fuzz left, Fuzz right, long seed, int count) throws IOException {
        Requests requests = left.prepared();
        right.prepared();
        int codes = 0;
        int texts = 0;
        try (Wire one = left.wire();
                Wire other = right.wire()) {
            for (int number = 0; number < count; number++) {
                Request request = requests.request(new Chance(seed + number));
                Said seen = Said.of(one, request);
                Said expected = Said.of(other, request);
                if (seen.alike(expected)) {
                    continue;
                }
                boolean code = !seen.code().equals(expected.code());
                codes += code ? 1 : 0;
                texts += code ? 0 : 1;
                System.out.println("#" + number + (code ? " code " : " text ") + request.shown() + "\n  expected "
                        + expected.shown() + "\n  seen     " + seen.shown());
            }
        }
        System.out.println(codes + " of " + count + " answered with another code, " + texts + " in other words");
    }

    /**
     * What a server said, and what of it two servers must agree on.
     *
     * @param text reason, message and warnings without the values that differ from server to server
     */
    private record Said(String code, String text, String shown) {
        private static final ObjectMapper JSON = new ObjectMapper();

        static Said of(Wire wire, Request request) {
            try {
                Answer answer = wire.send(request);
                return new Said(Integer.toString(answer.status()), text(answer), Fuzz.shown(answer));
            } catch (IOException | RuntimeException e) {
                return new Said("none", "", "no answer: " + e);
            }
        }

        boolean alike(Said other) {
            return code.equals(other.code) && text.equals(other.text);
        }

        private static String text(Answer answer) {
            String said = answer.header("content-type") + ' ' + answer.header("warning");
            if (answer.status() >= 400 && answer.header("content-type").startsWith("application/json")) {
                JsonNode status = JSON.readTree(answer.body());
                said += ' '
                        + status.path("reason").asString("")
                        + ' '
                        + status.path("message").asString("");
            }
            return said.replaceAll("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "U")
                    .replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z", "T")
                    .replaceAll("\\d+", "#");
        }
    }

    /** {@code SEED COUNT SERVER TOKEN AUTHORITY [SERVER TOKEN AUTHORITY]}; the second server counts as right. */
    public static void main(String... arguments) throws Exception {
        long seed = Long.parseLong(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        Fuzz fuzz = new Fuzz(URI.create(arguments[2]), arguments[3], Path.of(arguments[4]));
        if (arguments.length > 5) {
            compare(fuzz, new Fuzz(URI.create(arguments[5]), arguments[6], Path.of(arguments[7])), seed, count);
            return;
        }
        long start = System.nanoTime();
        Outcome outcome = fuzz.run(seed, count, 4);
        outcome.complaints().forEach(System.out::println);
        System.out.println("seed " + seed + ": " + outcome.requests() + " requests in "
                + (System.nanoTime() - start) / 1_000_000_000 + " s, " + outcome.statuses() + ", slowest "
                + outcome.slowestMillis() + " ms, " + outcome.complaints().size() + " complaints");
        System.exit(outcome.complaints().isEmpty() ? 0 : 1);
    }
}
