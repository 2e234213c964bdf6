package io.quarterdeck.api.admission.plugins;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the plugin EventRateLimit allows, once it is enabled.
 *
 * @param limits all of them have to be kept
 */
@ConfigurationProperties("quarterdeck.api.admission.event-rate-limit")
public record EventRateLimitProperties(@DefaultValue List<Limit> limits) {

    public EventRateLimitProperties {
        limits = List.copyOf(limits);
    }

    /** What shares one allowance; upstream's names. */
    public enum Type {
        Server,
        Namespace,
        User,
        SourceAndObject
    }

    /**
     * One limit.
     *
     * @param type what shares one allowance
     * @param qps events a second that an allowance grows by
     * @param burst the most that an allowance holds
     * @param cacheSize how many allowances are kept at once
     */
    public record Limit(
            @DefaultValue("Server") Type type,
            @DefaultValue("5000") int qps,
            @DefaultValue("20000") int burst,
            @DefaultValue("4096") int cacheSize) {}
}
