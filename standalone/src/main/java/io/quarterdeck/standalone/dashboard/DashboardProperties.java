package io.quarterdeck.standalone.dashboard;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the dashboard shows.
 *
 * @param parts the management port of each part, by its name
 */
@ConfigurationProperties("quarterdeck.dashboard")
public record DashboardProperties(Map<String, Integer> parts) {}
