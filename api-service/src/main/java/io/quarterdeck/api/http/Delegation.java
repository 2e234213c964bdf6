package io.quarterdeck.api.http;

import io.quarterdeck.api.authn.User;
import java.io.IOException;

/** Requests that another server answers, after authentication and authorization here. Found as a bean. Thread-safe. */
public interface Delegation {

    /** Whether the request is the other server's. */
    boolean covers(RequestPath path);

    /** @param user as whom the request was authorized */
    void carry(Exchange exchange, User user) throws IOException;
}
