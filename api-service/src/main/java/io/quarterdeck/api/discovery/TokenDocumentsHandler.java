package io.quarterdeck.api.discovery;

import io.quarterdeck.api.authn.OpenIdDocuments;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.Negotiation;
import io.quarterdeck.api.http.PathHandler;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** How others may verify this cluster's service-account tokens. */
public final class TokenDocumentsHandler implements PathHandler {

    private final OpenIdDocuments documents;

    public TokenDocumentsHandler(OpenIdDocuments documents) {
        this.documents = documents;
    }

    @Override
    public Set<String> paths() {
        return Set.of(OpenIdDocuments.CONFIGURATION_PATH, OpenIdDocuments.KEYS_PATH);
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        if (!exchange.method().equals("GET")) {
            throw StatusException.methodNotAllowed();
        }
        boolean keys = exchange.path().path().startsWith(OpenIdDocuments.KEYS_PATH);
        Negotiation.requireRepresentation(
                exchange, List.of(keys ? OpenIdDocuments.KEYS_TYPE : OpenIdDocuments.CONFIGURATION_TYPE));
        exchange.setHeader("Cache-Control", "public, max-age=3600");
        exchange.answer(
                200,
                keys ? OpenIdDocuments.KEYS_TYPE : OpenIdDocuments.CONFIGURATION_TYPE,
                (keys ? documents.keys() : documents.configuration()).getBytes(StandardCharsets.UTF_8));
    }
}
