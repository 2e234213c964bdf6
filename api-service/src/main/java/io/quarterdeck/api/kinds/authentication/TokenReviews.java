package io.quarterdeck.api.kinds.authentication;

import io.quarterdeck.api.authn.TokenVerifier;
import io.quarterdeck.api.authn.TokenVerifiers;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.VirtualResource;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Whose token it is that the caller was shown. */
@Component
final class TokenReviews implements VirtualResource {

    private final TokenVerifiers tokens;

    TokenReviews(TokenVerifiers tokens) {
        this.tokens = tokens;
    }

    @Override
    public GroupResource resource() {
        return new GroupResource("authentication.k8s.io", "tokenreviews");
    }

    @Override
    public Document create(Document body, RequestInfo request) {
        String token = body.text("spec.token");
        if (token.isEmpty()) {
            throw StatusException.badRequest("token is required for TokenReview in authentication");
        }
        // It is judged as if it came in a header.
        token = token.strip();
        List<String> audiences =
                body.items("spec.audiences").stream().map(JsonNode::asString).toList();
        Optional<TokenVerifier.Verified> verified = tokens.verify(token, audiences);
        body.remove("status");
        body.object("status");
        if (verified.isPresent()) {
            body.set("status.authenticated", true);
            body.set("status.user", UserInfo.of(verified.get().user()));
            ArrayNode shared = body.object("status").putArray("audiences");
            verified.get().audiences().forEach(shared::add);
        } else {
            body.object("status.user");
            body.set(
                    "status.error",
                    tokens.refusal(token, audiences)
                            .map("[invalid bearer token, %s]"::formatted)
                            .orElse("invalid bearer token"));
        }
        return body;
    }
}
