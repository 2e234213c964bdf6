package io.quarterdeck.controller;

import io.quarterdeck.reconcile.Controller;
import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** Actuator endpoint {@code controllers}: whether this process leads, and each controller's queue and last error. */
@Endpoint(id = "controllers")
final class ControllersEndpoint {

    private final Controllers controllers;

    /** What the endpoint shows. */
    record Answer(boolean leader, List<Controller.State> controllers) {}

    ControllersEndpoint(Controllers controllers) {
        this.controllers = controllers;
    }

    @ReadOperation
    Answer controllers() {
        return new Answer(
                controllers.leading(),
                controllers.all().stream().map(Controller::state).toList());
    }
}
