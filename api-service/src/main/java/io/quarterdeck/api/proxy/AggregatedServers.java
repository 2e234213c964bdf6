package io.quarterdeck.api.proxy;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.callout.ClientTls;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.pki.CertificateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;

/**
 * How the servers behind API services are reached: the Service's ready endpoint, our front-proxy certificate, their
 * certificate judged by the APIService's bundle under the Service's own name. Thread-safe.
 */
final class AggregatedServers {

    private static final GroupResource SERVICES = new GroupResource("", "services");
    private static final GroupResource ENDPOINTS = new GroupResource("", "endpoints");

    private final CachedObjects objects;
    private final Path certificate;
    private final Path key;
    private final Map<TlsKey, SSLContext> contexts = new ConcurrentHashMap<>();

    private record TlsKey(String authorities, boolean unjudged, long certificateModified) {}

    /** Why there is no way to a server, in upstream's words. */
    static final class NoWayException extends Exception {
        private final String reason;

        NoWayException(String reason, String message) {
            super(message, null, false, false);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    AggregatedServers(CachedObjects objects, Path certificate, Path key) {
        this.objects = objects;
        this.certificate = certificate;
        this.key = key;
    }

    /** @param path undecoded, with query */
    Target target(AggregatedApi api, String path, User user) throws NoWayException {
        ServiceEndpoints.Address address = address(api);
        return new Target(
                address.host(),
                address.port(),
                true,
                !api.unjudged(),
                path,
                new Target.Peer(
                        tls(api),
                        api.unjudged() ? "" : api.serviceName() + "." + api.namespace() + ".svc",
                        identity(user)));
    }

    private ServiceEndpoints.Address address(AggregatedApi api) throws NoWayException {
        ObjectKey name = ObjectKey.namespaced(api.namespace(), api.serviceName());
        Optional<Document> found = objects.known(SERVICES, name);
        if (found.isEmpty()) {
            throw new NoWayException(
                    "ServiceNotFound",
                    "service/%s in \"%s\" is not present".formatted(api.serviceName(), api.namespace()));
        }
        Document service = found.get();
        if (service.text("spec.type").equals("ExternalName")) {
            return new ServiceEndpoints.Address(service.text("spec.externalName"), api.port());
        }
        Optional<JsonNode> port = service.items("spec.ports").stream()
                .filter(each -> each.path("port").asInt(0) == api.port())
                .findFirst();
        if (port.isEmpty()) {
            throw new NoWayException(
                    "ServicePortError",
                    "service/%s in \"%s\" is not listening on port %d"
                            .formatted(api.serviceName(), api.namespace(), api.port()));
        }
        Optional<Document> endpoints = objects.known(ENDPOINTS, name);
        if (endpoints.isEmpty()) {
            throw new NoWayException(
                    "EndpointsNotFound",
                    "cannot find endpointslices for service/%s in \"%s\""
                            .formatted(api.serviceName(), api.namespace()));
        }
        String portName = port.get().path("name").asString("");
        return ServiceEndpoints.ready(endpoints.get(), portName)
                .orElseThrow(() -> new NoWayException(
                        "MissingEndpoints",
                        "endpointslices for service/%s in \"%s\" have no addresses with port name \"%s\""
                                .formatted(api.serviceName(), api.namespace(), portName)));
    }

    private SSLContext tls(AggregatedApi api) {
        return contexts.computeIfAbsent(new TlsKey(api.authorities(), api.unjudged(), modified()), wanted -> {
            // What an older certificate or bundle made is of no use any more.
            if (contexts.size() > 1_000) {
                contexts.clear();
            }
            String own = CertificateFiles.read(certificate);
            String ownKey = CertificateFiles.read(key);
            return wanted.unjudged()
                    ? ClientTls.unjudging(own, ownKey)
                    : ClientTls.of(wanted.authorities().isEmpty() ? null : wanted.authorities(), own, ownKey);
        });
    }

    private long modified() {
        try {
            return Files.getLastModifiedTime(certificate).toMillis();
        } catch (IOException absent) {
            return 0;
        }
    }

    private static List<String[]> identity(User user) {
        List<String[]> headers = new ArrayList<>();
        headers.add(new String[] {"X-Remote-User", user.name()});
        if (!user.uid().isEmpty()) {
            headers.add(new String[] {"X-Remote-Uid", user.uid()});
        }
        user.groups().forEach(group -> headers.add(new String[] {"X-Remote-Group", group}));
        user.extra()
                .forEach((name, values) ->
                        values.forEach(value -> headers.add(new String[] {"X-Remote-Extra-" + escaped(name), value})));
        headers.removeIf(header -> header[1].chars().anyMatch(c -> c < ' ' || c == 127));
        return headers;
    }

    /** As upstream: what may not stand in a header's name is percent-encoded. */
    private static String escaped(String name) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c > ' ' && c < 127 && (Character.isLetterOrDigit(c) || "!#$&'*+-.^_`|~".indexOf(c) >= 0);
            escaped.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
        }
        return escaped.toString();
    }
}
