package io.quarterdeck.api.kinds.core;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where Services live.
 *
 * @param range the block that cluster addresses are taken from, {@code 10.96.0.0/16} by default
 * @param firstNodePort the first port that Services open on nodes
 * @param lastNodePort the last one, inclusive
 */
@ConfigurationProperties("quarterdeck.services")
public record ServiceNetwork(
        @DefaultValue("10.96.0.0/16") String range,
        @DefaultValue("30000") int firstNodePort,
        @DefaultValue("32767") int lastNodePort) {}
