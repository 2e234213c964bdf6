package io.quarterdeck.standalone.server;

import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.standalone.dashboard.DashboardApplication;
import io.quarterdeck.standalone.dashboard.DashboardPort;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.PortPlan;
import io.quarterdeck.standalone.instance.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** Wires the dashboard: its certificate, its password, and which parts it shows. */
record Dashboard(Instance instance, PortPlan ports, Set<Role> roles) {
    static final String ROLE = "dashboard";

    DashboardPort open() throws IOException {
        if (!Files.exists(instance.dashboardPassword())) {
            byte[] random = new byte[15];
            new SecureRandom().nextBytes(random);
            CertificateFiles.writeSecret(
                    instance.dashboardPassword(), Base64.getUrlEncoder().encodeToString(random));
        }
        return new DashboardPort(ports.dashboard(), this::start);
    }

    private DashboardPort.RunningDashboard start() {
        List<String> arguments = new ArrayList<>(List.of(
                "--" + RoleAutoConfigurationFilter.ROLE + "=" + ROLE,
                "--spring.config.location=optional:classpath:dashboard.yaml",
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--server.ssl.certificate=" + instance.pki().resolve("dashboard.crt"),
                "--server.ssl.certificate-private-key=" + instance.pki().resolve("dashboard.key"),
                "--spring.security.user.name=admin",
                "--spring.security.user.password=" + CertificateFiles.read(instance.dashboardPassword()),
                "--spring.boot.admin.ui.title=Quarterdeck"));
        roles.forEach(
                role -> arguments.add("--quarterdeck.dashboard.parts." + role.label() + "=" + ports.management(role)));
        ConfigurableApplicationContext context = new SpringApplicationBuilder(DashboardApplication.class)
                .web(WebApplicationType.SERVLET)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .run(arguments.toArray(String[]::new));
        int port = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer())
                .getPort();
        return new DashboardPort.RunningDashboard() {
            @Override
            public int port() {
                return port;
            }

            @Override
            public void close() {
                context.close();
            }
        };
    }
}
