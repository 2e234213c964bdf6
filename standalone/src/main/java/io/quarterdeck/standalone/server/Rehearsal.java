package io.quarterdeck.standalone.server;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.quarterdeck.node.NodeAgentApplication;
import io.quarterdeck.proxy.ProxyAgentApplication;
import io.quarterdeck.standalone.instance.Instance;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * What any start and any client need soon, so that the recorded start holds the classes for it: the first requests, and the
 * code of the parts that a build, without root and without Docker, cannot start.
 */
final class Rehearsal {
    private static final String CONFIG_MAP = """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"rehearsal","namespace":"default"},"data":{"a":"b"}}""";

    /** One class of each jar whose classes are only loaded. */
    private static final List<Class<?>> ONLY_LOADED = List.of(
            NodeAgentApplication.class,
            ProxyAgentApplication.class,
            DockerClient.class,
            DockerClientImpl.class,
            ZerodepDockerHttpClient.class);

    private Rehearsal() {}

    static void of(Instance instance, int port) throws IOException, InterruptedException {
        try (var admin = new AdminHttp(instance, port)) {
            for (String path : new String[] {
                "/version", "/api", "/apis", "/api/v1", "/openapi/v2", "/openapi/v3", "/api/v1/nodes", "/api/v1/pods"
            }) {
                admin.get(path);
            }
            admin.send("POST", "/api/v1/namespaces/default/configmaps", CONFIG_MAP);
            admin.send("PUT", "/api/v1/namespaces/default/configmaps/rehearsal", CONFIG_MAP);
            admin.send("DELETE", "/api/v1/namespaces/default/configmaps/rehearsal", "");
        }
        for (Class<?> some : ONLY_LOADED) {
            loadJarOf(some);
        }
    }

    private static void loadJarOf(Class<?> some) throws IOException {
        URL place = some.getProtectionDomain().getCodeSource().getLocation();
        if (!place.getPath().endsWith(".jar")) {
            return;
        }
        // The URL writes blanks in another way than the file system.
        try (var jar = new JarFile(new File(URI.create(place.toString())))) {
            jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF") && !name.contains("-info"))
                    .forEach(name -> load(
                            name.substring(0, name.length() - ".class".length()).replace('/', '.')));
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, Rehearsal.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // It needs a library that is not here, so no start will load it either.
        }
    }
}
