package io.quarterdeck.api.authz;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.api.authn.Credentials;
import io.quarterdeck.api.authn.ServiceAccountTokens;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private static final String NODE = "system:node:";
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
        boolean node = wanted.name().startsWith(NODE);
        boolean account = ServiceAccountTokens.account(wanted.name()).isPresent();
        if (node && onlyName) {
            List<String> own = caller.extra().getOrDefault("authentication.kubernetes.io/node-name", List.of());
            if (ServiceAccountTokens.account(caller.name()).isPresent()
                    && own.equals(List.of(wanted.name().substring(NODE.length())))) {
                ways.add(new Way("associated-node", true));
            }
            ways.add(new Way("arbitrary-node", true));
        }
        if (account && onlyName) {
            ways.add(new Way("serviceaccount", true));
        }
        if (!node && !account) {
            ways.add(new Way("user-info", true));
        }
        ways.add(new Way("", false));
        return ways;
    }

    private User check(Way way, User caller, User wanted, AccessRequest request) {
        if (way.constrained()) {
            require(withVerb(request.as(caller), "impersonate-on:" + way.name() + ":" + request.verb()));
        }
        List<String> groups = new ArrayList<>(wanted.groups());
        Optional<ObjectKey> account = ServiceAccountTokens.account(wanted.name());
        // In constrained ways users and groups are resources of the authentication group, before they were core's.
        String group = way.constrained() ? AUTHENTICATION : "";
        if (way.constrained() && wanted.name().startsWith(NODE)) {
            String node =
                    way.name().equals("associated-node") ? "*" : wanted.name().substring(NODE.length());
            require(on(caller, way, group, "nodes", "", "", node));
            groups = new ArrayList<>(List.of("system:nodes"));
        } else if (account.isPresent()) {
            require(on(
                    caller,
                    way,
                    group,
                    "serviceaccounts",
                    "",
                    account.get().namespace(),
                    account.get().name()));
            if (groups.isEmpty()) {
                groups = new ArrayList<>(
                        ServiceAccountTokens.groups(account.get().namespace()));
            }
        } else {
            require(on(caller, way, group, "users", "", "", wanted.name()));
        }
        if (!wanted.uid().isEmpty()) {
            require(on(caller, way, AUTHENTICATION, "uids", "", "", wanted.uid()));
        }
        for (String wantedGroup : wanted.groups()) {
            require(on(caller, way, group, "groups", "", "", wantedGroup));
        }
        wanted.extra()
                .forEach((key, values) -> values.forEach(
                        value -> require(on(caller, way, AUTHENTICATION, "userextras", key, "", value))));
        return new User(wanted.name(), wanted.uid(), completed(wanted.name(), groups), wanted.extra());
    }

    private static List<String> completed(String name, List<String> groups) {
        boolean anonymous = name.equals(User.ANONYMOUS.name());
        String needed = anonymous ? User.UNAUTHENTICATED : User.AUTHENTICATED;
        if (!groups.contains(needed) && (anonymous || !groups.contains(User.UNAUTHENTICATED))) {
            groups.add(needed);
        }
        return groups;
    }

    private static AccessRequest on(
            User caller, Way way, String group, String resource, String subresource, String namespace, String name) {
        return AccessRequest.resource(caller, way.verb(), group, "v1", resource, subresource, namespace, name);
    }

    private static AccessRequest withVerb(AccessRequest request, String verb) {
        return new AccessRequest(
                request.user(),
                verb,
                request.group(),
                request.version(),
                request.resource(),
                request.subresource(),
                request.namespace(),
                request.name(),
                request.path(),
                FieldSelector.EVERYTHING,
                LabelSelector.EVERYTHING);
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
