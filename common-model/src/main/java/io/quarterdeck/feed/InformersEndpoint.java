package io.quarterdeck.feed;

import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** Actuator endpoint {@code informers}: what is followed, how far, and through what. */
@Endpoint(id = "informers")
public final class InformersEndpoint {

    private final FeedInformers informers;

    public InformersEndpoint(FeedInformers informers) {
        this.informers = informers;
    }

    @ReadOperation
    public List<FeedInformers.State> informers() {
        return informers.states();
    }
}
