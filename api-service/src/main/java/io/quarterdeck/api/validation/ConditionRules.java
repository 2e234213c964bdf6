package io.quarterdeck.api.validation;

import io.quarterdeck.model.Formats;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules of {@code meta/v1} conditions. Pure. Source: apimachinery's metav1 validation. */
public final class ConditionRules {

    private static final int LONGEST_REASON = 1024;
    private static final int LONGEST_MESSAGE = 32 * 1024;
    private static final String REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
    private static final Pattern REASON_PATTERN = Pattern.compile(REASON);
    private static final String REASON_RULE =
            "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '"
                    + REASON + "')";

    private ConditionRules() {}

    public static void check(Field conditions) {
        Set<String> types = new HashSet<>();
        for (Field condition : conditions.items()) {
            if (!types.add(condition.at("type").text())) {
                condition.at("type").duplicate();
            }
            one(condition);
        }
    }

    private static void one(Field condition) {
        Field type = condition.at("type");
        type.invalid(Formats.qualifiedName(type.text()));
        Field status = condition.at("status");
        if (!List.of("False", "True", "Unknown").contains(status.text())) {
            status.unsupported("False", "True", "Unknown");
        }
        Field generation = condition.at("observedGeneration");
        if (generation.number() < 0) {
            generation.invalidValue(generation.number(), "must be greater than or equal to zero");
        }
        Field time = condition.at("lastTransitionTime");
        if (time.empty()) {
            time.required();
        }
        Field reason = condition.at("reason");
        if (reason.empty()) {
            reason.required();
        } else {
            if (!REASON_PATTERN.matcher(reason.text()).matches()) {
                reason.invalid(REASON_RULE);
            }
            if (Formats.bytes(reason.text()) > LONGEST_REASON) {
                reason.tooLong(LONGEST_REASON);
            }
        }
        Field message = condition.at("message");
        if (Formats.bytes(message.text()) > LONGEST_MESSAGE) {
            message.tooLong(LONGEST_MESSAGE);
        }
    }
}
