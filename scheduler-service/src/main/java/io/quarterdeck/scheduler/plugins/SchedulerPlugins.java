package io.quarterdeck.scheduler.plugins;

import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;

/** Finds every rule of this package: a new one needs no registration. */
@Configuration(proxyBeanMethods = false)
@ComponentScan
public class SchedulerPlugins {}
