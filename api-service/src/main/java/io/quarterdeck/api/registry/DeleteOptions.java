package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * How something is to be deleted. Source: meta/v1 DeleteOptions.
 *
 * @param propagation "" when not given: Background, Foreground or Orphan
 * @param uid "" when any; {@code resourceVersion} alike
 */
public record DeleteOptions(
        Optional<Long> gracePeriodSeconds,
        String propagation,
        Optional<Boolean> orphanDependents,
        Optional<String> uid,
        Optional<String> resourceVersion,
        boolean dryRun) {

    public static final DeleteOptions DEFAULT =
            new DeleteOptions(Optional.empty(), "", Optional.empty(), Optional.empty(), Optional.empty(), false);

    private static final List<String> POLICIES = List.of("Foreground", "Background", "Orphan");

    /** @throws StatusException 422 in upstream's words when the options contradict themselves */
    public static DeleteOptions of(Document options) {
        List<FieldError> errors = new ArrayList<>();
        String propagation = options.text("propagationPolicy");
        Optional<Boolean> orphan =
                options.has("orphanDependents") ? Optional.of(options.flag("orphanDependents")) : Optional.empty();
        if (!propagation.isEmpty() && orphan.isPresent()) {
            errors.add(new FieldError(
                    Reason.INVALID,
                    "propagationPolicy",
                    "Invalid value: %s: orphanDependents and deletionPropagation cannot be both set"
                            .formatted(Values.jsonString(propagation))));
        }
        if (options.has("propagationPolicy") && !POLICIES.contains(propagation)) {
            errors.add(new FieldError(
                    Reason.NOT_SUPPORTED,
                    "propagationPolicy",
                    "Unsupported value: %s: supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
                            .formatted(Values.jsonString(propagation))));
        }
        List<String> dryRun =
                options.items("dryRun").stream().map(JsonNode::asString).toList();
        dryRunError(dryRun).ifPresent(errors::add);
        if (!errors.isEmpty()) {
            throw StatusException.invalid("meta.k8s.io", "DeleteOptions", "", errors);
        }
        return new DeleteOptions(
                options.has("gracePeriodSeconds")
                        ? Optional.of(options.number("gracePeriodSeconds", 0))
                        : Optional.empty(),
                propagation,
                orphan,
                given(options, "preconditions.uid"),
                given(options, "preconditions.resourceVersion"),
                !dryRun.isEmpty());
    }

    /** The same, of an object at another revision. */
    DeleteOptions at(long revision) {
        return new DeleteOptions(
                gracePeriodSeconds, propagation, orphanDependents, uid, Optional.of(Long.toString(revision)), dryRun);
    }

    /** The same with the time that the object will have, where it has one. */
    DeleteOptions lasting(Optional<Duration> grace) {
        return new DeleteOptions(
                grace.map(Duration::toSeconds).or(this::gracePeriodSeconds),
                propagation,
                orphanDependents,
                uid,
                resourceVersion,
                dryRun);
    }

    /** An empty text is a precondition too: one that nothing fulfils. */
    private static Optional<String> given(Document options, String path) {
        return options.has(path) ? Optional.of(options.text(path)) : Optional.empty();
    }

    /** The finding about a dryRun that is neither absent nor All. */
    public static Optional<FieldError> dryRunError(List<String> dryRun) {
        if (dryRun.stream().allMatch("All"::equals)) {
            return Optional.empty();
        }
        return Optional.of(new FieldError(
                Reason.NOT_SUPPORTED,
                "dryRun",
                "Unsupported value: %s: supported values: \"All\"".formatted(Values.print(dryRun))));
    }
}
