package io.quarterdeck.api.operations;

import io.quarterdeck.api.publish.ChangePublisher;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** How far Kafka is, and what keeps it. */
@Endpoint(id = "publisher")
final class PublisherEndpoint {

    private final ChangePublisher publisher;

    PublisherEndpoint(ChangePublisher publisher) {
        this.publisher = publisher;
    }

    @ReadOperation
    ChangePublisher.Figures figures() {
        return publisher.figures();
    }
}
