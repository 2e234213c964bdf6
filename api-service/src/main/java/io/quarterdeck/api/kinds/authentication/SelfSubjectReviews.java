package io.quarterdeck.api.kinds.authentication;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.VirtualResource;
import io.quarterdeck.model.GroupResource;
import java.time.temporal.ChronoUnit;
import org.springframework.stereotype.Component;

/** Who the caller is, behind impersonation and all. */
@Component
final class SelfSubjectReviews implements VirtualResource {

    @Override
    public GroupResource resource() {
        return new GroupResource("authentication.k8s.io", "selfsubjectreviews");
    }

    @Override
    public Document create(Document body, RequestInfo request) {
        Document review = Document.empty();
        review.set("apiVersion", body.apiVersion());
        review.set("kind", body.kind());
        review.set(
                "metadata.creationTimestamp",
                request.now().truncatedTo(ChronoUnit.SECONDS).toString());
        review.set("status.userInfo", UserInfo.of(request.user()));
        return review;
    }
}
