package io.quarterdeck.api.kinds;

import io.quarterdeck.api.kinds.core.ServiceNetwork;
import io.quarterdeck.api.registry.VersionConverter;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;

/** Finds the strategies and converters of the built-in kinds. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ServiceNetwork.class)
@ComponentScan(
        useDefaultFilters = false,
        includeFilters =
                @Filter(
                        type = FilterType.ASSIGNABLE_TYPE,
                        classes = {KindStrategy.class, VersionConverter.class, KindPart.class}))
public class KindsConfiguration {}
