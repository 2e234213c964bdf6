package io.quarterdeck.controller;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The controllers as a service of their own. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(ControllerServiceConfiguration.class)
public class ControllerServiceApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(ControllerServiceApplication.class, arguments);
    }
}
