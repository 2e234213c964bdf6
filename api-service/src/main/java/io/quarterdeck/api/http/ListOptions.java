package io.quarterdeck.api.http;

import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.FieldSelectorSyntax;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.LabelSelectorSyntax;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;

/**
 * The options of list, watch and deletecollection, read and judged. Pure.
 *
 * <p>Source: Kubernetes API concepts; upstream's ValidateListOptions.
 *
 * @param timeoutSeconds 0 when not given
 */
record ListOptions(
        Selection selection,
        String resourceVersion,
        String match,
        long limit,
        String continueToken,
        long timeoutSeconds,
        boolean bookmarks,
        boolean sendInitialEvents) {

    private static final String WHOLE = "[-+]?\\d+";

    static final String EXACT = "Exact";
    static final String NOT_OLDER_THAN = "NotOlderThan";

    static ListOptions of(Query query, ResourceDefinition resource, String namespace, String name, boolean watch) {
        long limit = integer(query, "limit");
        long timeout = integer(query, "timeoutSeconds");
        LabelSelector labels;
        FieldSelector fields;
        try {
            labels = LabelSelectorSyntax.parse(query.first("labelSelector"));
            fields = FieldSelectorSyntax.parse(query.first("fieldSelector"));
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(String.valueOf(e.getMessage()));
        }
        ListOptions options = new ListOptions(
                new Selection(namespace, name, labels, fields),
                query.first("resourceVersion"),
                query.first("resourceVersionMatch"),
                Math.max(0, limit),
                query.first("continue"),
                timeout,
                query.flag("allowWatchBookmarks"),
                query.flag("sendInitialEvents"));
        List<FieldError> errors = watch
                ? options.watchErrors(query.has("sendInitialEvents"))
                : options.listErrors(query.has("sendInitialEvents"));
        if (!errors.isEmpty()) {
            throw StatusException.invalid("meta.k8s.io", "ListOptions", "", errors);
        }
        if (watch && options.startsAnywhere() && !query.has("sendInitialEvents")) {
            options = options.withInitialEvents();
        }
        for (FieldSelector.Requirement requirement : fields.requirements()) {
            String label = requirement.field();
            boolean known =
                    label.equals("metadata.name") || label.equals("metadata.namespace") && knowsNamespace(resource);
            if (!known && !resource.strategy().selects(label)) {
                throw StatusException.badRequest(resource.strategy().unsupportedField(label));
            }
        }
        return options;
    }

    /** The one name that is asked for, as it may stand in a path; empty without one, and for options that cannot be read. */
    static String selectedName(Query query) {
        if (!query.has("fieldSelector")) {
            return "";
        }
        try {
            integer(query, "limit");
            integer(query, "timeoutSeconds");
            LabelSelectorSyntax.parse(query.first("labelSelector"));
            return FieldSelectorSyntax.parse(query.first("fieldSelector")).requirements().stream()
                    .filter(requirement ->
                            requirement.equal() && requirement.field().equals("metadata.name"))
                    .findFirst()
                    .map(FieldSelector.Requirement::value)
                    .filter(name -> Formats.pathSegment(name).isEmpty())
                    .orElse("");
        } catch (IllegalArgumentException | StatusException unreadable) {
            return "";
        }
    }

    /** Whether fields may be selected beside a name that the path has: when they ask for that very name. */
    boolean meets(String name) {
        return selection.fields().isEverything()
                || selection
                        .fields()
                        .requirements()
                        .contains(new FieldSelector.Requirement("metadata.name", true, name));
    }

    /** A watch without a place to start at has always begun with what there is; upstream says so in the newer words. */
    private boolean startsAnywhere() {
        return match.isEmpty() && (resourceVersion.isEmpty() || resourceVersion.equals("0"));
    }

    private ListOptions withInitialEvents() {
        return new ListOptions(
                selection, resourceVersion, match, limit, continueToken, timeoutSeconds, bookmarks, true);
    }

    /** Kinds of the cluster that name their fields themselves leave it out. */
    private static boolean knowsNamespace(ResourceDefinition resource) {
        return resource.namespaced()
                || !resource.custom() && resource.strategy().selectableFields().isEmpty();
    }

    private static long integer(Query query, String name) {
        if (!query.has(name)) {
            return 0;
        }
        String text = query.first(name);
        try {
            // Java takes the digits of every script.
            if (text.matches(WHOLE)) {
                return Long.parseLong(text);
            }
            throw new NumberFormatException();
        } catch (NumberFormatException e) {
            throw StatusException.badRequest(
                    "strconv.ParseInt: parsing %s: %s".formatted(quote(text), whyNoNumber(text, WHOLE)));
        }
    }

    private static String whyNoNumber(String text, String number) {
        return text.matches(number) ? "value out of range" : "invalid syntax";
    }

    private List<FieldError> listErrors(boolean initialEventsGiven) {
        List<FieldError> errors = new ArrayList<>();
        if (!match.isEmpty()) {
            if (resourceVersion.isEmpty()) {
                errors.add(forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch is forbidden unless resourceVersion is provided"));
            }
            if (!continueToken.isEmpty()) {
                errors.add(forbidden(
                        "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
            }
            if (!match.equals(EXACT) && !match.equals(NOT_OLDER_THAN)) {
                errors.add(notSupported("\"Exact\", \"NotOlderThan\", \"\""));
            }
            if (match.equals(EXACT) && resourceVersion.equals("0")) {
                errors.add(forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
            }
        }
        if (initialEventsGiven) {
            errors.add(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        }
        return errors;
    }

    private List<FieldError> watchErrors(boolean initialEventsGiven) {
        List<FieldError> errors = new ArrayList<>();
        if (initialEventsGiven && !match.equals(NOT_OLDER_THAN)) {
            errors.add(forbidden(
                    "resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
        }
        if (!match.isEmpty()) {
            if (!initialEventsGiven) {
                errors.add(forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
            }
            if (!match.equals(NOT_OLDER_THAN)) {
                errors.add(notSupported("\"NotOlderThan\""));
            }
        }
        if (!continueToken.isEmpty()) {
            errors.add(
                    forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
        }
        return errors;
    }

    private static FieldError forbidden(String field, String why) {
        return new FieldError(Reason.FORBIDDEN, field, "Forbidden: " + why);
    }

    private FieldError notSupported(String values) {
        return new FieldError(
                Reason.NOT_SUPPORTED,
                "resourceVersionMatch",
                "Unsupported value: %s: supported values: %s".formatted(Values.jsonString(match), values));
    }

    /** How fresh a list without continue token must be. */
    Freshness freshness() {
        if (resourceVersion.isEmpty()) {
            return new Freshness.Consistent();
        }
        long revision = revision(true);
        if (revision == 0) {
            return new Freshness.Any();
        }
        // Before resourceVersionMatch existed, a limit with a version meant that version; clients still rely on it.
        return match.equals(EXACT) || (match.isEmpty() && limit > 0)
                ? new Freshness.Exact(revision)
                : new Freshness.NotOlderThan(revision);
    }

    /** @param list a list answers 400 for what get and watch answer 500 for, as upstream does */
    long revision(boolean list) {
        return revision(resourceVersion, list);
    }

    static long revision(String text, boolean list) {
        try {
            if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                // Upstream's are unsigned; the upper half of them is as far away as the largest of ours.
                long revision = Long.parseUnsignedLong(text);
                return revision < 0 ? Long.MAX_VALUE : revision;
            }
        } catch (NumberFormatException tooLarge) {
            // falls through to the refusal
        }
        String message = "resourceVersion: Invalid value: %s: strconv.ParseUint: parsing %s: %s"
                .formatted(quote(text), quote(text), whyNoNumber(text, "\\d+"));
        throw list
                ? StatusException.badRequest("invalid resource version: " + message)
                : new StatusException(500, "", message, null);
    }

    private static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
