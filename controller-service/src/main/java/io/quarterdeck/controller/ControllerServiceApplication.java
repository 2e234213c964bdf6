package io.quarterdeck.controller;

import io.quarterdeck.client.ClientService;
import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Import;

/** The controllers as a service of their own. */
@ClientService
@Import(ControllerServiceConfiguration.class)
public class ControllerServiceApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(ControllerServiceApplication.class, arguments);
    }
}
