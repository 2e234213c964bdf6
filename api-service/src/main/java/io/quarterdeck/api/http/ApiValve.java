package io.quarterdeck.api.http;

import io.quarterdeck.api.audit.AccessLog;
import io.quarterdeck.api.audit.AuditIds;
import io.quarterdeck.api.audit.AuditRecord;
import io.quarterdeck.api.audit.AuditTrail;
import io.quarterdeck.api.authn.Authenticators;
import io.quarterdeck.api.authn.Credentials;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.authz.AuthorizerChain;
import io.quarterdeck.api.authz.Decision;
import io.quarterdeck.api.authz.Impersonation;
import io.quarterdeck.api.flowcontrol.FlowControl;
import io.quarterdeck.api.schema.GoDuration;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.FieldSelectorSyntax;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.LabelSelectorSyntax;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door of the API: every request on its port comes through here and none goes further into the container, whose
 * filters and mappings would reject or rewrite what Kubernetes paths may contain. Thread-safe.
 */
public final class ApiValve extends ValveBase {

    private static final Logger log = LoggerFactory.getLogger(ApiValve.class);

    private static final User NOBODY = new User("", "", List.of(), Map.of());

    private final Authenticators authenticators;
    private final Impersonation impersonation;
    private final AuthorizerChain authorizers;
    private final ResourceHandler resources;
    private final Delegation delegation;
    private final Answers answers;
    private final FlowControl flowControl;
    private final RequestMetrics metrics;
    private final AccessLog accessLog;
    private final AuditTrail trail;
    private final InstantSource clock;
    private final BodyBudget bodies;
    private final Map<String, PathHandler> exact = new HashMap<>();
    private final Map<String, PathHandler> below = new HashMap<>();

    ApiValve(
            Authenticators authenticators,
            Impersonation impersonation,
            AuthorizerChain authorizers,
            ResourceHandler resources,
            Delegation delegation,
            Collection<PathHandler> paths,
            Answers answers,
            FlowControl flowControl,
            RequestMetrics metrics,
            AccessLog accessLog,
            AuditTrail trail,
            InstantSource clock,
            BodyBudget bodies) {
        super(true);
        this.authenticators = authenticators;
        this.impersonation = impersonation;
        this.authorizers = authorizers;
        this.resources = resources;
        this.delegation = delegation;
        this.answers = answers;
        this.flowControl = flowControl;
        this.metrics = metrics;
        this.accessLog = accessLog;
        this.trail = trail;
        this.clock = clock;
        this.bodies = bodies;
        paths.forEach(
                handler -> handler.paths().forEach(path -> (path.endsWith("/") ? below : exact).put(path, handler)));
    }

    @Override
    public void invoke(Request request, Response response) throws IOException {
        long start = System.nanoTime();
        int containerError = response.isError() ? response.getStatus() : 0;
        if (containerError > 0) {
            // The container judged the request line or headers before us; its words become a Status.
            response.getCoyoteResponse().setErrorException(null);
            response.setSuspended(false);
        }
        Exchange exchange = new Exchange(request, response, clock, bodies);
        exchange.setHeader(AuditIds.HEADER, exchange.auditId());
        exchange.setHeader("Cache-Control", "no-cache, private");
        Runnable ended = metrics.started(exchange);
        try {
            if (containerError >= 400 && containerError != 404) {
                throw containerError == 405
                        ? StatusException.methodNotAllowed()
                        : StatusException.badRequest("the server rejected the request before it was read");
            }
            answer(exchange);
        } catch (StatusException refused) {
            fail(exchange, exchange.isLate() ? Exchange.late() : refused);
        } catch (ClientAbortException gone) {
            log.debug("client went away: {}", gone.toString());
        } catch (IOException broken) {
            log.debug("connection failed: {}", broken.toString());
            if (!exchange.committed() && !exchange.isClosed()) {
                fail(exchange, StatusException.badRequest("the request could not be read"));
            }
        } catch (RuntimeException | StackOverflowError fault) {
            log.error("request {} failed", exchange.auditId(), fault);
            exchange.audit().panicked();
            fail(exchange, StatusException.internal("the server met an unexpected condition"));
        } finally {
            if (!exchange.audit().isHandedOver()) {
                exchange.audit().completed(exchange.status());
            }
            exchange.release();
            long took = System.nanoTime() - start;
            ended.run();
            metrics.answered(exchange, took);
            accessLog.answered(
                    exchange.auditId(),
                    exchange.user(),
                    exchange.path().verb(),
                    exchange.path().raw(),
                    exchange.status(),
                    Duration.ofNanos(took),
                    exchange.header("User-Agent"));
        }
    }

    private void fail(Exchange exchange, StatusException error) {
        try {
            answers.failure(exchange, error);
        } catch (IOException e) {
            log.debug("the refusal could not be sent: {}", e.toString());
        }
    }

    private void answer(Exchange exchange) throws IOException {
        RequestPath path = exchange.path();
        PathHandler handler = path.isResource() ? null : handler(path.path());
        String timeout = exchange.query().first("timeout");
        if (!timeout.isEmpty() && !isLong(exchange)) {
            GoDuration.problem(timeout).ifPresent(problem -> {
                recordUnknown(exchange);
                throw StatusException.badRequest("invalid timeout specified in the request URL - " + problem);
            });
        }
        if (handler != null && handler.open()) {
            handler.handle(exchange);
            return;
        }
        if (!isLong(exchange)) {
            exchange.answerWithin(RequestTimeout.of(exchange.query()));
        }
        Credentials credentials = new Credentials(exchange.certificates(), exchange::headers, exchange.headerNames());
        User caller;
        try {
            caller = authenticators.authenticate(credentials, path.path());
        } catch (StatusException unknown) {
            recordUnknown(exchange);
            throw unknown;
        }
        exchange.identify(caller);
        AccessRequest access = access(exchange, caller);
        exchange.record(trail.open(access, asked(exchange)));
        if (!exchange.audit().received()) {
            refuseUnrecorded(exchange);
            return;
        }
        User acting = acting(exchange, caller, credentials, access);
        exchange.identify(acting);
        FlowControl.Admission admitted = admit(exchange, access.as(acting));
        try {
            if (!isAuthorized(exchange, access.as(acting))) {
                return;
            }
            if (delegation.covers(path)) {
                delegation.carry(exchange, acting);
            } else if (path.isResource()) {
                resources.handle(exchange);
            } else if (handler != null) {
                handler.handle(exchange);
            } else {
                noSuchPath(exchange);
            }
        } finally {
            if (admitted != null) {
                admitted.close();
            }
        }
    }

    /** What is refused before anybody knows who asks. */
    private void recordUnknown(Exchange exchange) {
        exchange.record(trail.open(access(exchange, NOBODY), asked(exchange)));
        exchange.audit().unauthenticated();
    }

    /** What may not go on unrecorded ends without a further record. */
    private void refuseUnrecorded(Exchange exchange) throws IOException {
        exchange.record(AuditRecord.NONE);
        trail.rejected();
        answerInternal(exchange, "failed to store audit event");
    }

    private static void answerInternal(Exchange exchange, String why) throws IOException {
        exchange.answerText(
                500,
                AuthorizerChain.withoutMarkup(
                        "Internal Server Error: %s: %s\n".formatted(GoQuote.quote(uri(exchange)), why)));
    }

    /** Tunnels and logs are not counted; a watch is until it has told what there was. */
    private FlowControl.@Nullable Admission admit(Exchange exchange, AccessRequest access) {
        boolean watch = exchange.path().verb().equals("watch");
        if (isLong(exchange) && !watch) {
            return null;
        }
        FlowControl.Admission admitted = flowControl.enter(access, pageLimit(exchange), (schema, level) -> {
            if (!schema.isEmpty() && !level.isEmpty()) {
                exchange.setHeader("X-Kubernetes-PF-FlowSchema-UID", schema);
                exchange.setHeader("X-Kubernetes-PF-PriorityLevel-UID", level);
            }
        });
        if (watch) {
            exchange.onInitialized(admitted::close);
        }
        return admitted;
    }

    private static long pageLimit(Exchange exchange) {
        String limit = exchange.query().first("limit");
        return !limit.isEmpty() && limit.length() < 10 && limit.chars().allMatch(Character::isDigit)
                ? Long.parseLong(limit)
                : 0;
    }

    private AuditRecord.Asked asked(Exchange exchange) {
        return new AuditRecord.Asked(
                exchange.auditId(),
                exchange.now(),
                uri(exchange),
                exchange.sources(),
                exchange.header("User-Agent"),
                isLong(exchange));
    }

    private static String uri(Exchange exchange) {
        String query = exchange.query().raw();
        return exchange.path().raw() + (query.isEmpty() ? "" : "?" + query);
    }

    private User acting(Exchange exchange, User caller, Credentials credentials, AccessRequest access) {
        Impersonation.Acting acting = impersonation.acting(caller, credentials, access);
        if (acting.user() != caller) {
            exchange.audit().impersonating(acting.user(), acting.constraint());
        }
        return acting.user();
    }

    /** Otherwise it is answered; a refusal is thrown. */
    private boolean isAuthorized(Exchange exchange, AccessRequest access) throws IOException {
        Decision decision = authorizers.decide(access);
        boolean allowed = decision instanceof Decision.Allow;
        if (!allowed && !decision.error().isEmpty()) {
            exchange.audit().undecided();
            answerInternal(exchange, decision.error());
            return false;
        }
        exchange.audit().decided(allowed, decision.reason());
        if (!allowed) {
            throw AuthorizerChain.forbidden(access, decision.reason());
        }
        return true;
    }

    private boolean isLong(Exchange exchange) {
        RequestPath path = exchange.path();
        return path.verb().equals("watch")
                || (path.isResource()
                        && (resources.connection(path) != null || (path.isStreamed() && delegation.covers(path))));
    }

    private @Nullable PathHandler handler(String path) {
        PathHandler handler = exact.get(path);
        if (handler == null && path.length() > 1 && path.endsWith("/")) {
            handler = exact.get(path.substring(0, path.length() - 1));
        }
        int slash = path.lastIndexOf('/');
        while (handler == null && slash >= 0) {
            handler = below.get(path.substring(0, slash + 1));
            slash = slash == 0 ? -1 : path.lastIndexOf('/', slash - 1);
        }
        return handler;
    }

    /** Upstream answers a Status below the groups that it knows, and plain text elsewhere. */
    static void noSuchPath(Exchange exchange) throws IOException {
        exchange.answerText(404, "404 page not found\n");
    }

    private static AccessRequest access(Exchange exchange, User user) {
        RequestPath path = exchange.path();
        if (!path.isResource()) {
            return AccessRequest.path(user, path.verb(), path.path());
        }
        return new AccessRequest(
                user,
                path.verb(),
                path.group(),
                path.version(),
                path.resource(),
                path.subresource(),
                path.judgedNamespace(),
                path.judgedName(exchange.query()),
                path.path(),
                fields(exchange),
                labels(exchange));
    }

    private static FieldSelector fields(Exchange exchange) {
        String text = exchange.query().first("fieldSelector");
        if (text.isEmpty() || !exchange.path().takesSelectors()) {
            return FieldSelector.EVERYTHING;
        }
        try {
            return FieldSelectorSyntax.parse(text);
        } catch (IllegalArgumentException malformed) {
            return FieldSelector.EVERYTHING;
        }
    }

    private static LabelSelector labels(Exchange exchange) {
        String text = exchange.query().first("labelSelector");
        if (text.isEmpty() || !exchange.path().takesSelectors()) {
            return LabelSelector.EVERYTHING;
        }
        try {
            return LabelSelectorSyntax.parse(text);
        } catch (IllegalArgumentException malformed) {
            return LabelSelector.EVERYTHING;
        }
    }
}
