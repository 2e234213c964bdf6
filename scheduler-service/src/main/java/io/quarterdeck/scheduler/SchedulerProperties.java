package io.quarterdeck.scheduler;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The scheduler's settings, under kube-scheduler's names where it has them.
 *
 * @param schedulerName pods with this {@code spec.schedulerName} are ours; events carry it too
 * @param podInitialBackoff how long a refused pod rests before its second attempt
 * @param podMaxBackoff how long it rests at most
 * @param leaderElect whether several schedulers take turns by a Lease
 */
@ConfigurationProperties("quarterdeck.scheduler")
public record SchedulerProperties(
        @DefaultValue("default-scheduler") String schedulerName,
        @DefaultValue("1s") Duration podInitialBackoff,
        @DefaultValue("10s") Duration podMaxBackoff,
        @DefaultValue("true") boolean leaderElect) {}
