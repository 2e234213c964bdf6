package io.quarterdeck.api.registry;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.model.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * One request on a resource, as its rules see it: who, which verb, when, with which options.
 *
 * @param verb the API's verb: create, update, patch, delete, deletecollection …
 * @param version the API version of the route
 * @param key namespace and name from the path; the name is empty for a create
 * @param subresource empty for the object itself
 * @param fieldManager from the query, else the User-Agent up to its slash
 * @param now the one instant of this request
 * @param warnings told each warning, in order, without quoting; they become Warning headers
 * @param given the options as the client wrote them
 */
public record RequestInfo(
        User user,
        String verb,
        String version,
        ObjectKey key,
        String subresource,
        boolean dryRun,
        String fieldManager,
        FieldValidation fieldValidation,
        String auditId,
        Instant now,
        Consumer<String> warnings,
        Given given) {

    private static final Duration ROUNDED = Duration.ofMillis(5);

    /** Without options of a client. */
    public RequestInfo(
            User user,
            String verb,
            String version,
            ObjectKey key,
            String subresource,
            boolean dryRun,
            String fieldManager,
            FieldValidation fieldValidation,
            String auditId,
            Instant now,
            Consumer<String> warnings) {
        this(
                user,
                verb,
                version,
                key,
                subresource,
                dryRun,
                fieldManager,
                fieldValidation,
                auditId,
                now,
                warnings,
                Given.NOTHING);
    }

    /** Options of the query; empty where it has none. */
    public record Given(String fieldManager, String fieldValidation) {
        public static final Given NOTHING = new Given("", "");
    }

    public enum FieldValidation {
        IGNORE,
        WARN,
        STRICT
    }

    /** Where warnings go, of requests of clients, which are recorded and end in time, too. */
    public interface Notes extends Consumer<String> {

        /** Adds to the record of the request. */
        void annotate(String key, String value);

        /** How much longer the answer may take; not negative. */
        Duration left();
    }

    public void warn(String text) {
        warnings.accept(text);
    }

    /** Adds to the audit record of the request, where there is one. */
    public void annotate(String key, String value) {
        if (warnings instanceof Notes notes) {
            notes.annotate(key, value);
        }
    }

    /** How long somebody else is waited for: not longer than the request may take. */
    public Duration patience(Duration wished) {
        if (!(warnings instanceof Notes notes)) {
            return wished;
        }
        // Who gives up then finds the request's time over, however timers are rounded.
        Duration left = notes.left().plus(ROUNDED);
        return left.compareTo(wished) < 0 ? left : wished;
    }

    /** What the server does on its own account. Warnings are dropped. */
    public static RequestInfo internal(String verb, String version, ObjectKey key, Instant now) {
        return new RequestInfo(
                User.API_SERVER,
                verb,
                version,
                key,
                "",
                false,
                "kube-apiserver",
                FieldValidation.IGNORE,
                "",
                now,
                text -> {});
    }

    /** The same for an object of this name. */
    RequestInfo named(String name) {
        return with(verb, new ObjectKey(key.namespace(), name), subresource, dryRun);
    }

    /** The same, but the object is not there yet. */
    RequestInfo asCreate() {
        return as("create");
    }

    /** The same for another subresource. */
    public RequestInfo on(String otherSubresource) {
        return with(verb, key, otherSubresource, dryRun);
    }

    /** The same with another verb. */
    public RequestInfo as(String otherVerb) {
        return with(otherVerb, key, subresource, dryRun);
    }

    /** The same, tried out or not. */
    public RequestInfo tried(boolean dryRunOnly) {
        return with(verb, key, subresource, dryRunOnly);
    }

    private RequestInfo with(String otherVerb, ObjectKey otherKey, String otherSubresource, boolean dryRunOnly) {
        return new RequestInfo(
                user,
                otherVerb,
                version,
                otherKey,
                otherSubresource,
                dryRunOnly,
                fieldManager,
                fieldValidation,
                auditId,
                now,
                warnings,
                given);
    }

    /** A place for warnings that keeps them in order. Thread-safe. */
    public static List<String> warningList() {
        return Collections.synchronizedList(new ArrayList<>());
    }
}
