package io.quarterdeck.api.kinds.authentication;

import io.quarterdeck.api.authn.RefusedTokenException;
import io.quarterdeck.api.authn.TokenVerifier;
import io.quarterdeck.api.authn.TokenVerifiers;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.VirtualResource;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.util.List;
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
        body.remove("status");
        body.object("status");
        try {
            tokens.judge(token, audiences)
                    .ifPresentOrElse(verified -> believe(body, verified), () -> refuse(body, "invalid bearer token"));
        } catch (RefusedTokenException refused) {
            refuse(body, "[invalid bearer token, %s]".formatted(refused.getMessage()));
        }
        return body;
    }

    private static void believe(Document review, TokenVerifier.Verified verified) {
        review.set("status.authenticated", true);
        review.set("status.user", UserInfo.of(verified.user()));
        ArrayNode shared = review.object("status").putArray("audiences");
        verified.audiences().forEach(shared::add);
    }

    private static void refuse(Document review, String why) {
        review.object("status.user");
        review.set("status.error", why);
    }
}
