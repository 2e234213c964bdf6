package io.quarterdeck.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A refusal in the API's own words: it becomes the {@code Status} body and the HTTP status of the answer. Factories are
 * named after upstream's reasons (apimachinery, api/errors).
 */
public final class StatusException extends RuntimeException {

    private final int code;
    private final String reason;
    private final @Nullable Details details;

    /** Status.details; empty strings are left out of the answer. */
    public record Details(
            String name, String group, String kind, String uid, List<Cause> causes, int retryAfterSeconds) {
        public Details {
            causes = List.copyOf(causes);
        }

        public static Details of(GroupResource resource, String name) {
            return new Details(name, resource.group(), resource.resource(), "", List.of(), 0);
        }

        public Details with(List<Cause> replacement) {
            return new Details(name, group, kind, uid, replacement, retryAfterSeconds);
        }

        public Details retryAfter(int seconds) {
            return new Details(name, group, kind, uid, causes, seconds);
        }
    }

    /** One entry of Status.details.causes. */
    public record Cause(String reason, String message, String field) {}

    public StatusException(int code, String reason, String message, @Nullable Details details) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
        this.details = details;
    }

    public int code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    public String text() {
        return String.valueOf(getMessage());
    }

    public @Nullable Details details() {
        return details;
    }

    public static StatusException badRequest(String message) {
        return new StatusException(400, "BadRequest", message, null);
    }

    public static StatusException unauthorized() {
        return new StatusException(401, "Unauthorized", "Unauthorized", null);
    }

    public static StatusException forbidden(GroupResource resource, String name, String why) {
        String object = name.isEmpty() ? resource.toString() : "%s %s".formatted(resource, GoQuote.quote(name));
        return new StatusException(
                403, "Forbidden", "%s is forbidden: %s".formatted(object, why), Details.of(resource, name));
    }

    public static StatusException notFound(GroupResource resource, String name) {
        return new StatusException(
                404,
                "NotFound",
                "%s %s not found".formatted(resource, GoQuote.quote(name)),
                Details.of(resource, name));
    }

    /** An address that no route serves. */
    public static StatusException noSuchRoute() {
        return new StatusException(
                404,
                "NotFound",
                "the server could not find the requested resource",
                new Details("", "", "", "", List.of(), 0));
    }

    public static StatusException methodNotAllowed() {
        return new StatusException(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource",
                new Details("", "", "", "", List.of(), 0));
    }

    public static StatusException alreadyExists(GroupResource resource, String name) {
        return new StatusException(
                409,
                "AlreadyExists",
                "%s %s already exists".formatted(resource, GoQuote.quote(name)),
                Details.of(resource, name));
    }

    public static StatusException conflict(GroupResource resource, String name, String why) {
        return new StatusException(
                409,
                "Conflict",
                "Operation cannot be fulfilled on %s %s: %s".formatted(resource, GoQuote.quote(name), why),
                Details.of(resource, name));
    }

    public static StatusException expired(String message) {
        return new StatusException(410, "Expired", message, null);
    }

    public static StatusException tooLarge(String message) {
        return new StatusException(413, "RequestEntityTooLarge", message, null);
    }

    /** All findings at once, each text once; {@code kind} and {@code group} are the object's, not the resource's. */
    public static StatusException invalid(String group, String kind, String name, List<FieldError> errors) {
        String qualified = group.isEmpty() ? kind : kind + "." + group;
        String text =
                GoErrors.aggregate(errors.stream().map(FieldError::toString).toList());
        return new StatusException(
                422,
                "Invalid",
                "%s %s is invalid: %s".formatted(qualified, GoQuote.quote(name), text),
                new Details(
                        name,
                        group,
                        kind,
                        "",
                        errors.stream()
                                .map(error -> new Cause(error.reason().word(), error.message(), error.field()))
                                .toList(),
                        0));
    }

    public static StatusException tooManyRequests(String message, int retryAfterSeconds) {
        return new StatusException(
                429, "TooManyRequests", message, new Details("", "", "", "", List.of(), retryAfterSeconds));
    }

    public static StatusException internal(String message) {
        return new StatusException(
                500,
                "InternalError",
                "Internal error occurred: " + message,
                new Details("", "", "", "", List.of(new Cause("", message, "")), 0));
    }

    public static StatusException unavailable(String message) {
        return new StatusException(503, "ServiceUnavailable", message, null);
    }

    public static StatusException timeout(String message, int retryAfterSeconds, List<Cause> causes) {
        return new StatusException(504, "Timeout", message, new Details("", "", "", "", causes, retryAfterSeconds));
    }
}
