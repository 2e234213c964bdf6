package io.quarterdeck.standalone.server;

import io.quarterdeck.standalone.instance.Role;
import java.net.URL;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.ParentContextApplicationContextInitializer;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The child contexts: each part starts as it does alone, with its own ports, beans, filters and settings. */
final class RoleContexts {
    private static final Logger LOG = LoggerFactory.getLogger(RoleContexts.class);
    private static final long STOP_SECONDS = 4;

    private final ConfigurableApplicationContext parent;
    private final Map<Role, ConfigurableApplicationContext> contexts = new LinkedHashMap<>();

    RoleContexts(ConfigurableApplicationContext parent) {
        this.parent = parent;
    }

    /** Starts one part; returns when its port is open. */
    void start(RolePart part) {
        List<String> arguments = new ArrayList<>();
        part.properties().forEach((name, value) -> arguments.add("--" + name + "=" + value));
        arguments.add(
                "--" + RoleAutoConfigurationFilter.ROLE + "=" + part.role().label());
        // Every part brings an application.yaml; on a shared class path only the place of its classes tells which.
        arguments.add("--spring.config.location=" + settingsOf(part.application()));
        arguments.add("--spring.jmx.enabled=false");
        var context = new SpringApplicationBuilder(part.application())
                .initializers(new ParentContextApplicationContextInitializer(parent))
                .web(WebApplicationType.SERVLET)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .run(arguments.toArray(String[]::new));
        synchronized (contexts) {
            contexts.put(part.role(), context);
        }
    }

    private static String settingsOf(Class<?> application) {
        CodeSource source = application.getProtectionDomain().getCodeSource();
        URL place = source.getLocation();
        return place.getPath().endsWith(".jar")
                ? "optional:jar:" + place + "!/application.yaml"
                : "optional:" + place + "application.yaml";
    }

    /** Stops the API last: the others give back their leases through it. */
    void stop() {
        List<Map.Entry<Role, ConfigurableApplicationContext>> clients;
        ConfigurableApplicationContext api;
        synchronized (contexts) {
            api = contexts.remove(Role.API);
            clients = List.copyOf(contexts.entrySet());
            contexts.clear();
        }
        try (ExecutorService workers = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("stop-", 0).factory())) {
            List<Future<?>> stopping = new ArrayList<>();
            clients.forEach(client -> stopping.add(workers.submit(client.getValue()::close)));
            stopping.forEach(RoleContexts::await);
            if (api != null) {
                await(workers.submit(api::close));
            }
            workers.shutdownNow();
        }
    }

    private static void await(Future<?> stopping) {
        try {
            stopping.get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.warn("A part did not stop within {} s; going on without it", STOP_SECONDS);
        } catch (ExecutionException e) {
            LOG.warn("A part did not stop in order", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
