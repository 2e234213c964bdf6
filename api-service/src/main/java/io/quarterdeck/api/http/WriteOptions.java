package io.quarterdeck.api.http;

import io.quarterdeck.api.registry.DeleteOptions;
import io.quarterdeck.api.registry.RequestInfo.FieldValidation;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The options of create, update and patch, read and judged. Pure.
 *
 * @param fieldManager from the query, else the User-Agent up to its slash
 */
record WriteOptions(boolean dryRun, String fieldManager, FieldValidation fieldValidation, boolean force) {

    private static final int MAX_MANAGER = 128;

    enum Kind {
        CREATE("CreateOptions"),
        UPDATE("UpdateOptions"),
        PATCH("PatchOptions"),
        APPLY("PatchOptions");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    static WriteOptions of(Query query, String userAgent, Kind kind) {
        List<FieldError> errors = new ArrayList<>();
        String manager = query.first("fieldManager");
        if (kind == Kind.APPLY && manager.isEmpty()) {
            errors.add(new FieldError(Reason.REQUIRED, "fieldManager", "Required value: is required for apply patch"));
        }
        if (kind == Kind.PATCH && query.has("force")) {
            errors.add(
                    new FieldError(Reason.FORBIDDEN, "force", "Forbidden: may not be specified for non-apply patch"));
        }
        managerErrors(manager, errors);
        DeleteOptions.dryRunError(query.all("dryRun")).ifPresent(errors::add);
        String validation = query.first("fieldValidation");
        FieldValidation judged = switch (validation) {
            case "", "Warn" -> FieldValidation.WARN;
            case "Ignore" -> FieldValidation.IGNORE;
            case "Strict" -> FieldValidation.STRICT;
            default -> {
                errors.add(new FieldError(
                        Reason.NOT_SUPPORTED,
                        "fieldValidation",
                        "Unsupported value: %s: supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""
                                .formatted(Values.print(validation))));
                yield FieldValidation.WARN;
            }
        };
        if (!errors.isEmpty()) {
            throw StatusException.invalid("meta.k8s.io", kind.word, "", errors);
        }
        return new WriteOptions(
                !query.all("dryRun").isEmpty(),
                manager.isEmpty() ? agentName(userAgent) : manager,
                judged,
                query.flag("force"));
    }

    private static void managerErrors(String manager, List<FieldError> errors) {
        if (manager.getBytes(StandardCharsets.UTF_8).length > MAX_MANAGER) {
            errors.add(new FieldError(
                    Reason.TOO_LONG, "fieldManager", "Too long: may not be more than " + MAX_MANAGER + " bytes"));
        }
        for (int i = 0; i < manager.length(); i++) {
            char c = manager.charAt(i);
            if (Character.isISOControl(c) || !Character.isDefined(c)) {
                errors.add(new FieldError(
                        Reason.INVALID,
                        "fieldManager",
                        "Invalid value: %s: invalid character U+%04X (at position %d)"
                                .formatted(GoQuote.quote(manager), (int) c, i)));
                return;
            }
        }
    }

    /** The User-Agent's name, cut to what an owner's name may hold. */
    private static String agentName(String userAgent) {
        int slash = userAgent.indexOf('/');
        String name = slash < 0 ? userAgent : userAgent.substring(0, slash);
        StringBuilder printable = new StringBuilder();
        name.codePoints().filter(c -> !Character.isISOControl(c)).forEach(printable::appendCodePoint);
        return printable.length() > MAX_MANAGER ? printable.substring(0, MAX_MANAGER) : printable.toString();
    }
}
