package io.quarterdeck.api.authz;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.api.authn.Credentials;
import io.quarterdeck.api.authn.ServiceAccountTokens;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoErrors;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One user acting as another, by Impersonate headers. The constrained ways (one verb for whom, one for what) are tried
 * first, the verb {@code impersonate} last; the first way's refusal is what the caller reads. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "User impersonation"; KEP-5284.
 */
public final class Impersonation {

    private static final String AUTHENTICATION = "authentication.k8s.io";
    private static final Set<String> IN_CORE = Set.of("users", "groups", "serviceaccounts");
    private static final String NODE = "system:node:";
    private static final String ASSOCIATED_NODE = "associated-node";
    /** From here on the right to everything is asked for first. */
    private static final int MANY = 4;

    private static final long REMEMBERED = 10_000;

    private final Authorizer authorizer;

    /** Which way led to success last, by caller: mostly it does again. */
    private final Cache<String, Way> last =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    public Impersonation(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    /**
     * The user that the request is to be judged as: the caller, unless headers name another.
     *
     * @param request what the caller wants to do, under the caller's own name
     * @throws StatusException 403 when the caller may not act as that user, 400 when no user is named
     */
    public Acting acting(User caller, Credentials credentials, AccessRequest request) {
        String name = credentials.header("Impersonate-User");
        String uid = credentials.header("Impersonate-Uid");
        List<String> groups = credentials.headers().apply("Impersonate-Group");
        Map<String, List<String>> extra = credentials.extras("Impersonate-Extra-");
        if (name.isEmpty()) {
            if (uid.isEmpty() && groups.isEmpty() && extra.isEmpty()) {
                return new Acting(caller, "");
            }
            throw StatusException.badRequest(
                    "requested &user.DefaultInfo{Name:\"\", UID:%s, Groups:%s, Extra:%s} without impersonating a user name"
                            .formatted(GoQuote.quote(uid), GoQuote.slice(groups), goMap(extra)));
        }
        User wanted = new User(name, uid, groups, extra);
        StatusException refusal = null;
        for (Way way : ways(caller, wanted)) {
            try {
                Acting acting = new Acting(check(way, caller, wanted, request), way.constrained() ? way.verb() : "");
                last.put(caller.name(), way);
                return acting;
            } catch (StatusException refused) {
                refusal = refusal == null ? refused : refusal;
            }
        }
        throw refusal == null ? StatusException.unauthorized() : refusal;
    }

    /**
     * As whom a request is judged.
     *
     * @param constraint the verb of the constrained way that was taken; empty for the plain one and without impersonation
     */
    public record Acting(User user, String constraint) {}

    /** @param constrained whether the way also asks for the verb on what is to be done */
    private record Way(String name, boolean constrained) {

        String verb() {
            return constrained ? "impersonate:" + name : "impersonate";
        }
    }

    private List<Way> ways(User caller, User wanted) {
        List<Way> ways = possible(caller, wanted);
        Way known = last.getIfPresent(caller.name());
        if (known != null && ways.remove(known)) {
            ways.addFirst(known);
        }
        return ways;
    }

    private static List<Way> possible(User caller, User wanted) {
        List<Way> ways = new ArrayList<>();
        boolean onlyName = wanted.uid().isEmpty()
                && wanted.groups().isEmpty()
                && wanted.extra().isEmpty();
        Optional<String> node = node(wanted.name());
        boolean account = ServiceAccountTokens.account(wanted.name()).isPresent();
        if (node.isPresent() && onlyName) {
            List<String> own = caller.extra().getOrDefault("authentication.kubernetes.io/node-name", List.of());
            if (ServiceAccountTokens.account(caller.name()).isPresent() && own.equals(List.of(node.get()))) {
                ways.add(new Way(ASSOCIATED_NODE, true));
            }
            ways.add(new Way("arbitrary-node", true));
        }
        if (account && onlyName) {
            ways.add(new Way("serviceaccount", true));
        }
        if (node.isEmpty() && !account) {
            ways.add(new Way("user-info", true));
        }
        ways.add(new Way("", false));
        return ways;
    }

    /** The node that a user name is of; empty for others, and where no node can have that name. */
    private static Optional<String> node(String username) {
        return Optional.of(username)
                .filter(name -> name.startsWith(NODE))
                .map(name -> name.substring(NODE.length()))
                .filter(name -> Formats.subdomain(name).isEmpty());
    }

    private User check(Way way, User caller, User wanted, AccessRequest request) {
        // That a pod is on the node is known by now: who may act as its node need not be told apart any further.
        User asking = way.name().equals(ASSOCIATED_NODE) ? withKeysOfExtra(caller) : caller;
        if (way.constrained()) {
            require(request.as(asking).withVerb("impersonate-on:" + way.name() + ":" + request.verb()));
        }
        List<String> groups = new ArrayList<>(wanted.groups());
        Optional<ObjectKey> account = ServiceAccountTokens.account(wanted.name());
        Optional<String> node = way.constrained() ? node(wanted.name()) : Optional.empty();
        if (node.isPresent()) {
            require(on(asking, way, "nodes", "", "", way.name().equals(ASSOCIATED_NODE) ? "*" : node.get()));
            groups = new ArrayList<>(List.of("system:nodes"));
        } else if (account.isPresent()) {
            require(on(
                    asking,
                    way,
                    "serviceaccounts",
                    "",
                    account.get().namespace(),
                    account.get().name()));
            if (groups.isEmpty()) {
                groups = new ArrayList<>(
                        ServiceAccountTokens.groups(account.get().namespace()));
            }
        } else {
            require(on(asking, way, "users", "", "", wanted.name()));
        }
        if (!wanted.uid().isEmpty()) {
            require(on(asking, way, "uids", "", "", wanted.uid()));
        }
        requireGroups(way, asking, wanted.groups());
        requireExtra(way, asking, wanted.extra());
        return new User(wanted.name(), wanted.uid(), completed(wanted.name(), groups), wanted.extra());
    }

    private static User withKeysOfExtra(User caller) {
        return new User(
                caller.name(),
                caller.uid(),
                caller.groups(),
                Map.of(
                        "authentication.kubernetes.io/associated-node-keys",
                        caller.extra().keySet().stream().sorted().toList()));
    }

    private void requireGroups(Way way, User caller, List<String> groups) {
        if (way.constrained() && groups.contains("")) {
            throw AuthorizerChain.forbidden(
                    on(caller, way, "groups", "", "", ""), "impersonating the empty string group is not allowed");
        }
        if (way.constrained() && groups.contains(User.MASTERS)) {
            throw AuthorizerChain.forbidden(
                    on(caller, way, "groups", "", "", User.MASTERS),
                    "impersonating the system:masters group is not allowed");
        }
        if (!isAllowedMany(way, groups.size(), on(caller, way, "groups", "", "", "*"))) {
            groups.forEach(group -> require(on(caller, way, "groups", "", "", group)));
        }
    }

    private void requireExtra(Way way, User caller, Map<String, List<String>> extra) {
        if (way.constrained()) {
            extra.forEach((key, values) -> {
                String problem = problem(key, values);
                if (!problem.isEmpty()) {
                    throw AuthorizerChain.forbidden(on(caller, way, "userextras", "", "", ""), problem);
                }
            });
        }
        int values = extra.values().stream().mapToInt(List::size).sum();
        if (!isAllowedMany(way, values, on(caller, way, "userextras", "*", "", "*"))) {
            extra.forEach((key, each) -> each.forEach(value -> require(on(caller, way, "userextras", key, "", value))));
        }
    }

    /** Whether one answer about everything spares the many about each. */
    private boolean isAllowedMany(Way way, int count, AccessRequest all) {
        return way.constrained() && count >= MANY && authorizer.decide(all) instanceof Decision.Allow;
    }

    private static String problem(String key, List<String> values) {
        if (key.isEmpty()) {
            return "impersonating the empty string key in extra is not allowed";
        }
        List<FieldError> findings = new ArrayList<>();
        Field.root(Document.empty().set("key", key), null, findings)
                .at("key")
                .as("extra.key")
                .requireDomainPrefixedPath();
        if (!findings.isEmpty()) {
            return "impersonating an invalid key in extra is not allowed: "
                    + GoErrors.aggregate(
                            findings.stream().map(FieldError::toString).toList());
        }
        if (!key.equals(key.toLowerCase(Locale.ROOT))) {
            return "impersonating a non-lowercase key in extra is not allowed: " + GoQuote.quote(key);
        }
        return values.contains("") ? "impersonating the empty string value in extra is not allowed" : "";
    }

    private static List<String> completed(String name, List<String> groups) {
        boolean anonymous = name.equals(User.ANONYMOUS.name());
        String needed = anonymous ? User.UNAUTHENTICATED : User.AUTHENTICATED;
        if (!groups.contains(needed) && (anonymous || !groups.contains(User.UNAUTHENTICATED))) {
            groups.add(needed);
        }
        return groups;
    }

    /** In constrained ways users and groups are resources of the authentication group, before they were core's. */
    private static AccessRequest on(
            User caller, Way way, String resource, String subresource, String namespace, String name) {
        boolean core = !way.constrained() && IN_CORE.contains(resource);
        return AccessRequest.resource(
                caller, way.verb(), core ? "" : AUTHENTICATION, "v1", resource, subresource, namespace, name);
    }

    private void require(AccessRequest request) {
        Decision decision = authorizer.decide(request);
        if (!(decision instanceof Decision.Allow)) {
            throw AuthorizerChain.forbidden(request, decision.reason());
        }
    }

    private static String goMap(Map<String, List<String>> extra) {
        return extra.isEmpty()
                ? "map[string][]string(nil)"
                : new TreeMap<>(extra)
                        .entrySet().stream()
                                .map(entry -> GoQuote.quote(entry.getKey()) + ":" + GoQuote.slice(entry.getValue()))
                                .collect(Collectors.joining(", ", "map[string][]string{", "}"));
    }
}
