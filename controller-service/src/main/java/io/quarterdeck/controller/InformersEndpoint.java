package io.quarterdeck.controller;

import io.quarterdeck.feed.FeedInformers;
import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** Actuator endpoint {@code informers}: what is followed, how far, and through what. */
@Endpoint(id = "informers")
final class InformersEndpoint {

    private final FeedInformers informers;

    InformersEndpoint(FeedInformers informers) {
        this.informers = informers;
    }

    @ReadOperation
    List<FeedInformers.State> informers() {
        return informers.states();
    }
}
