package io.quarterdeck.api.authz;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.model.GoErrors;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.model.StatusException.Details;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Asks the authorizers in order: the first opinion counts, nobody's opinion is a denial. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Authorization".
 */
public final class AuthorizerChain implements Authorizer {

    private final Supplier<List<Authorizer>> inOrder;

    public AuthorizerChain(List<Authorizer> inOrder) {
        this(() -> inOrder);
    }

    AuthorizerChain(Supplier<List<Authorizer>> inOrder) {
        this.inOrder = inOrder;
    }

    /** Never {@link Decision.Allow} without a rule that says so. */
    @Override
    public Decision decide(AccessRequest request) {
        List<String> reasons = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        for (Authorizer authorizer : inOrder.get()) {
            Decision decision = authorizer.decide(request);
            if (!(decision instanceof Decision.NoOpinion)) {
                return decision;
            }
            if (!decision.reason().isEmpty()) {
                reasons.add(decision.reason());
            }
            if (!decision.error().isEmpty()) {
                errors.add(decision.error());
            }
        }
        return new Decision.NoOpinion(String.join("\n", reasons), GoErrors.aggregate(errors));
    }

    /** All that they can list, one after the other. */
    @Override
    public Holdings holdings(User user, String namespace) {
        List<PolicyRule> rules = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        for (Authorizer authorizer : inOrder.get()) {
            Holdings held = authorizer.holdings(user, namespace);
            rules.addAll(held.rules());
            errors.addAll(held.errors());
        }
        return new Holdings(rules, errors);
    }

    public boolean allows(AccessRequest request) {
        return decide(request) instanceof Decision.Allow;
    }

    /** @throws StatusException 403 in upstream's words when the request is not allowed */
    public void require(AccessRequest request) {
        Decision decision = decide(request);
        if (!(decision instanceof Decision.Allow)) {
            throw forbidden(request, decision.reason());
        }
    }

    /** 403 in upstream's words. */
    public static StatusException forbidden(AccessRequest request, String reason) {
        String why = withoutMarkup(denial(request)) + (reason.isEmpty() ? "" : ": " + reason);
        if (!request.isResource()) {
            return new StatusException(
                    403, "Forbidden", "forbidden: " + why, new Details("", "", "", "", List.of(), 0));
        }
        return StatusException.forbidden(new GroupResource(request.group(), request.resource()), request.name(), why);
    }

    /** What callers invent must not look like a page to whoever shows it. */
    public static String withoutMarkup(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String denial(AccessRequest request) {
        User user = request.user();
        if (!request.isResource()) {
            return "User %s cannot %s path %s"
                    .formatted(GoQuote.quote(user.name()), request.verb(), GoQuote.quote(request.path()));
        }
        String resource =
                request.subresource().isEmpty() ? request.resource() : request.resource() + "/" + request.subresource();
        String scope = request.namespace().isEmpty()
                ? "at the cluster scope"
                : "in the namespace " + GoQuote.quote(request.namespace());
        return "User %s cannot %s resource %s in API group %s %s"
                .formatted(
                        GoQuote.quote(user.name()),
                        request.verb(),
                        GoQuote.quote(resource),
                        GoQuote.quote(request.group()),
                        scope);
    }
}
