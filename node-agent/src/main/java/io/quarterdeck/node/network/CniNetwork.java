package io.quarterdeck.node.network;

import io.quarterdeck.node.host.AtomicFiles;
import io.quarterdeck.node.host.HostCommands;
import io.quarterdeck.node.runtime.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Networks by CNI plugins, as the Container Network Interface specification 1.0 has them executed. What was done for a
 * sandbox is written down before it is done, so that an agent that was killed meanwhile gives everything back.
 */
public final class CniNetwork implements SandboxNetwork {

    private static final Logger LOG = LoggerFactory.getLogger(CniNetwork.class);
    private static final String INTERFACE = "eth0";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HostCommands commands;
    private final Path binDir;
    private final Path confDir;
    private final Path records;
    private final Path namespaces;

    /**
     * @param binDir where the plugins are
     * @param confDir where the configuration is; the first {@code *.conflist} by name counts
     * @param records outlives a reboot
     * @param namespaces does not, like the namespaces themselves
     */
    public CniNetwork(HostCommands commands, Path binDir, Path confDir, Path records, Path namespaces) {
        this.commands = commands;
        this.binDir = binDir;
        this.confDir = confDir;
        this.records = records;
        this.namespaces = namespaces;
    }

    @Override
    public Optional<String> notReady() {
        return configuration().isEmpty()
                ? Optional.of("container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
                        + "message:docker: network plugin is not ready: cni config uninitialized")
                : Optional.empty();
    }

    private Optional<ObjectNode> configuration() {
        if (!Files.isDirectory(confDir)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(confDir)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".conflist"))
                    .sorted()
                    .findFirst()
                    .flatMap(AtomicFiles::read)
                    .map(text -> (ObjectNode) JSON.readTree(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<String> attach(Sandbox sandbox, List<HostPort> hostPorts) {
        Optional<List<String>> known = addresses(sandbox.id());
        if (known.isPresent()) {
            return known.get();
        }
        ObjectNode configuration = configuration()
                .orElseThrow(() -> new PluginFailed("network plugin is not ready: cni config uninitialized"));
        ObjectNode record = JSON.createObjectNode();
        record.put("namespace", sandbox.pod().namespace());
        record.put("name", sandbox.pod().name());
        record.put("uid", sandbox.pod().uid());
        record.set("configuration", configuration);
        ArrayNode ports = record.putArray("portMappings");
        for (HostPort port : hostPorts) {
            ObjectNode mapping = ports.addObject()
                    .put("hostPort", port.hostPort())
                    .put("containerPort", port.containerPort())
                    .put("protocol", port.protocol().toLowerCase(Locale.ROOT));
            if (!port.hostIp().isEmpty()) {
                mapping.put("hostIP", port.hostIp());
            }
        }
        AtomicFiles.write(record(sandbox.id()), record.toString());
        Path namespace = mountNamespace(sandbox);
        JsonNode result = null;
        for (JsonNode plugin : configuration.path("plugins")) {
            result = JSON.readTree(execute("ADD", sandbox.id(), namespace.toString(), record, plugin, result));
        }
        record.set("result", Objects.requireNonNull(result, "a conflist names at least one plugin"));
        replaceForeignRoutes(record.path("result"));
        AtomicFiles.write(record(sandbox.id()), record.toString());
        return addresses(record.path("result"));
    }

    /**
     * An agent whose data was deleted leaves its pods' interfaces and routes. The plugin takes a route that is there for the
     * one that it would make, and all that is sent to the new pod would go to the old one's interface.
     */
    private void replaceForeignRoutes(JsonNode result) {
        Set<String> own = new HashSet<>();
        Optional<String> host = Optional.empty();
        for (JsonNode link : result.path("interfaces")) {
            own.add(link.path("name").asString());
            if (link.path("sandbox").asString("").isEmpty()) {
                host = Optional.of(link.path("name").asString());
            }
        }
        for (String address : addresses(result)) {
            String length = address.contains(":") ? "/128" : "/32";
            String family = address.contains(":") ? "-6" : "-4";
            for (String device : devices(family, address + length)) {
                if (!own.contains(device) && host.isPresent()) {
                    LOG.warn("Address {} was still routed to {}, which is no pod's of this node", address, device);
                    commands.run("ip", family, "route", "del", address + length, "dev", device);
                    commands.run(
                            "ip", family, "route", "replace", address + length, "dev", host.get(), "scope", "host");
                }
            }
        }
    }

    private List<String> devices(String family, String destination) {
        List<String> devices = new ArrayList<>();
        String routes = commands.run("ip", "-j", family, "route", "show", "exact", destination);
        JSON.readTree(routes.isBlank() ? "[]" : routes)
                .forEach(route -> devices.add(route.path("dev").asString()));
        return devices;
    }

    /** The path by process id would end with the process; this name keeps the namespace until DEL has been run in it. */
    private Path mountNamespace(Sandbox sandbox) {
        Path target = namespaces.resolve(sandbox.id());
        try {
            Files.createDirectories(namespaces);
            if (!Files.exists(target)) {
                Files.createFile(target);
            } else {
                commands.tryRun("umount", target.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands.run("mount", "--bind", "/proc/" + sandbox.pid() + "/ns/net", target.toString());
        return target;
    }

    private String execute(
            String verb,
            String sandboxId,
            String namespace,
            JsonNode record,
            JsonNode plugin,
            @Nullable JsonNode previous) {
        JsonNode configuration = record.path("configuration");
        ObjectNode input = ((ObjectNode) plugin).deepCopy();
        input.put("cniVersion", configuration.path("cniVersion").asString());
        input.put("name", configuration.path("name").asString());
        if (previous != null) {
            input.set("prevResult", previous);
        }
        if (input.remove("capabilities") instanceof ObjectNode capabilities
                && capabilities.path("portMappings").asBoolean(false)) {
            input.putObject("runtimeConfig").set("portMappings", record.path("portMappings"));
        }
        Map<String, String> environment = new HashMap<>();
        environment.put("CNI_COMMAND", verb);
        environment.put("CNI_CONTAINERID", sandboxId);
        environment.put("CNI_NETNS", namespace);
        environment.put("CNI_IFNAME", INTERFACE);
        environment.put("CNI_PATH", binDir.toString());
        environment.put(
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%s;K8S_POD_UID=%s"
                        .formatted(
                                record.path("namespace").asString(),
                                record.path("name").asString(),
                                sandboxId,
                                record.path("uid").asString()));
        String type = plugin.path("type").asString();
        HostCommands.Result result = commands.attempt(
                environment, input.toString(), List.of(binDir.resolve(type).toString()));
        if (!result.ok()) {
            throw new PluginFailed(
                    "plugin type=\"%s\" failed (%s): %s".formatted(type, verb.toLowerCase(Locale.ROOT), said(result)));
        }
        return result.stdout();
    }

    private static String said(HostCommands.Result result) {
        try {
            String message = JSON.readTree(result.stdout()).path("msg").asString("");
            return message.isEmpty() ? result.stderr().strip() : message;
        } catch (JacksonException notJson) {
            return (result.stdout() + result.stderr()).strip();
        }
    }

    @Override
    public Optional<List<String>> addresses(String sandboxId) {
        return AtomicFiles.read(record(sandboxId))
                .map(JSON::readTree)
                .filter(record -> record.has("result"))
                .map(record -> addresses(record.path("result")));
    }

    private static List<String> addresses(JsonNode result) {
        List<String> addresses = new ArrayList<>();
        result.path("ips").forEach(ip -> {
            String address = ip.path("address").asString();
            addresses.add(address.substring(0, address.indexOf('/')));
        });
        return addresses;
    }

    @Override
    public void detach(String sandboxId) {
        Optional<JsonNode> record = AtomicFiles.read(record(sandboxId)).map(JSON::readTree);
        Path namespace = namespaces.resolve(sandboxId);
        if (record.isPresent()) {
            String path = Files.exists(namespace) ? namespace.toString() : "";
            List<JsonNode> plugins = new ArrayList<>();
            record.get().path("configuration").path("plugins").forEach(plugins::addFirst);
            JsonNode result = record.get().has("result") ? record.get().path("result") : null;
            for (JsonNode plugin : plugins) {
                execute("DEL", sandboxId, path, record.get(), plugin, result);
            }
        }
        try {
            if (Files.exists(namespace)) {
                commands.tryRun("umount", namespace.toString());
                Files.deleteIfExists(namespace);
            }
            Files.deleteIfExists(record(sandboxId));
        } catch (IOException e) {
            LOG.warn("The namespace of sandbox {} stays for now: {}", sandboxId, e.getMessage());
        }
    }

    @Override
    public Set<String> attached() {
        return Stream.concat(
                        names(records)
                                .filter(name -> !name.startsWith("."))
                                .map(name -> name.substring(0, name.length() - ".json".length())),
                        names(namespaces))
                .collect(Collectors.toSet());
    }

    private static Stream<String> names(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Stream.empty();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path record(String sandboxId) {
        return records.resolve(sandboxId + ".json");
    }

    /** A plugin refused; the message is its own. */
    public static final class PluginFailed extends RuntimeException {
        PluginFailed(String message) {
            super(message);
        }
    }
}
