package io.quarterdeck.controller;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The controllers as a service of their own. */
@SpringBootConfiguration
// The change feed makes its one binding itself; Spring Cloud Stream's function catalogue would only cost start-up time.
@EnableAutoConfiguration(
        excludeName = {
            "org.springframework.boot.integration.autoconfigure.IntegrationAutoConfiguration",
            "org.springframework.cloud.stream.config.BindersHealthIndicatorAutoConfiguration",
            "org.springframework.cloud.stream.config.BindingServiceConfiguration",
            "org.springframework.cloud.stream.config.BindingsEndpointAutoConfiguration",
            "org.springframework.cloud.stream.config.ChannelsEndpointAutoConfiguration",
            "org.springframework.cloud.stream.function.FunctionConfiguration",
            "org.springframework.cloud.function.context.config.ContextFunctionCatalogAutoConfiguration"
        })
@Import(ControllerServiceConfiguration.class)
public class ControllerServiceApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(ControllerServiceApplication.class, arguments);
    }
}
