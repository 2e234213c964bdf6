package io.quarterdeck.standalone.server;

import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * All parts share one class path here, so Spring would give each of them a data source, a security filter and a Kafka
 * listener because some other part needs one. This leaves to every part what it has as a service of its own.
 */
public final class RoleAutoConfigurationFilter implements AutoConfigurationImportFilter, EnvironmentAware {
    static final String ROLE = "quarterdeck.standalone.role";

    private static final String BOOT = "org.springframework.boot.";

    /** What only the API has on its own class path (and the dashboard the security of it). */
    private static final List<String> API_ONLY = List.of(
            BOOT + "jdbc.",
            BOOT + "jpa.",
            BOOT + "hibernate.",
            BOOT + "data.",
            BOOT + "flyway.",
            BOOT + "sql.",
            BOOT + "persistence.",
            BOOT + "transaction.",
            BOOT + "security.",
            "org.springdoc.");

    /** What only the dashboard has. */
    private static final List<String> DASHBOARD_ONLY =
            List.of("de.codecentric.", BOOT + "webclient.", BOOT + "webflux.", BOOT + "reactor.", BOOT + "thymeleaf.");

    private String role = "";

    @Override
    public void setEnvironment(Environment environment) {
        role = environment.getProperty(ROLE, "");
    }

    @Override
    public boolean[] match(String[] autoConfigurations, AutoConfigurationMetadata metadata) {
        boolean[] wanted = new boolean[autoConfigurations.length];
        for (int i = 0; i < wanted.length; i++) {
            String name = autoConfigurations[i];
            wanted[i] = name == null || role.isEmpty() || wanted(name);
        }
        return wanted;
    }

    private boolean wanted(String autoConfiguration) {
        if (DASHBOARD_ONLY.stream().anyMatch(autoConfiguration::startsWith)) {
            return role.equals(Dashboard.ROLE);
        }
        if (autoConfiguration.startsWith(BOOT + "security.") && role.equals(Dashboard.ROLE)) {
            return true;
        }
        return role.equals("api") || API_ONLY.stream().noneMatch(autoConfiguration::startsWith);
    }
}
