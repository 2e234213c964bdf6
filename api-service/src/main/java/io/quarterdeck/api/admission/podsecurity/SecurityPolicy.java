package io.quarterdeck.api.admission.podsecurity;

import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a namespace's labels ask for in each mode, and what of them cannot be read. Immutable.
 *
 * <p>Source: Kubernetes documentation, "Enforce Pod Security Standards with Namespace Labels".
 *
 * @param enforce what pods are refused by
 * @param audit what is noted in the audit record
 * @param warn what the client is told
 * @param errors labels that cannot be read
 */
public record SecurityPolicy(LevelVersion enforce, LevelVersion audit, LevelVersion warn, List<FieldError> errors) {

    private static final String LABEL = "pod-security.kubernetes.io/";
    private static final Pattern MODES = Pattern.compile("(enforce|audit|warn)(-version)?");

    public SecurityPolicy {
        errors = List.copyOf(errors);
    }

    /**
     * What holds where a namespace has no labels.
     *
     * @param modes level and version of modes by the names that labels have behind their prefix
     * @throws IllegalArgumentException for a mode that there is not, or that cannot be read
     */
    public static SecurityPolicy configured(Map<String, String> modes) {
        List<FieldError> errors = new ArrayList<>();
        Map<String, String> labels = new HashMap<>();
        modes.forEach((mode, value) -> {
            if (!MODES.matcher(mode).matches()) {
                throw new IllegalArgumentException("there is no mode " + mode + " of PodSecurity");
            }
            labels.put(LABEL + mode, value);
        });
        LevelVersion none = LevelVersion.PRIVILEGED;
        SecurityPolicy policy = new SecurityPolicy(
                mode("enforce", none, SecurityLevel.RESTRICTED, labels, errors),
                mode("audit", none, SecurityLevel.RESTRICTED, labels, errors),
                mode("warn", none, SecurityLevel.RESTRICTED, labels, errors),
                List.of());
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException("PodSecurity's defaults: " + errors.getFirst());
        }
        return policy;
    }

    /** Nothing is asked for in any mode. */
    public boolean isPrivileged() {
        return List.of(enforce, audit, warn).stream().allMatch(mode -> mode.level() == SecurityLevel.PRIVILEGED);
    }

    /** Nothing is noted or warned of, whatever is enforced. */
    public boolean isSilent() {
        return audit.level() == SecurityLevel.PRIVILEGED && warn.level() == SecurityLevel.PRIVILEGED;
    }

    public boolean sameAs(SecurityPolicy other) {
        return enforce.sameAs(other.enforce) && audit.sameAs(other.audit) && warn.sameAs(other.warn);
    }

    /** The labels over these defaults; what cannot be enforced as it is written is held to be strict. */
    public SecurityPolicy labelled(Map<String, String> labels) {
        List<FieldError> found = new ArrayList<>();
        LevelVersion enforced = mode("enforce", enforce, SecurityLevel.RESTRICTED, labels, found);
        LevelVersion audited = mode("audit", audit, SecurityLevel.PRIVILEGED, labels, found);
        LevelVersion warned = mode("warn", warn, SecurityLevel.PRIVILEGED, labels, found);
        // Who enforces a stricter level than is warned of by default wants to hear of it where nothing is refused yet.
        boolean chosen =
                SecurityLevel.parse(labels.getOrDefault(LABEL + "enforce", "")).isPresent();
        if (chosen && !labels.containsKey(LABEL + "warn") && enforced.level().compareTo(warned.level()) > 0) {
            warned = labels.containsKey(LABEL + "warn-version") ? warned.at(enforced.level()) : enforced;
        }
        return new SecurityPolicy(enforced, audited, warned, found);
    }

    private static LevelVersion mode(
            String mode,
            LevelVersion unlabelled,
            SecurityLevel unreadable,
            Map<String, String> labels,
            List<FieldError> errors) {
        LevelVersion chosen = unlabelled;
        String level = labels.get(LABEL + mode);
        if (level != null) {
            Optional<SecurityLevel> parsed = SecurityLevel.parse(level);
            if (parsed.isEmpty()) {
                errors.add(invalid(mode, level, "must be one of privileged, baseline, restricted"));
            }
            chosen = chosen.at(parsed.orElse(unreadable));
        }
        String version = labels.get(LABEL + mode + "-version");
        if (version != null) {
            Optional<Long> parsed = LevelVersion.version(version);
            if (parsed.isEmpty()) {
                errors.add(invalid(mode + "-version", version, "must be \"latest\" or \"v1.x\""));
            }
            chosen = chosen.of(parsed.orElse(LevelVersion.LATEST));
        }
        return chosen;
    }

    private static FieldError invalid(String label, String value, String why) {
        return new FieldError(
                Reason.INVALID, "metadata.labels[" + LABEL + label + "]", "Invalid value: \"" + value + "\": " + why);
    }

    /** The modes that labels set to more than privileged: {@code enforce=baseline:v1.24, warn=restricted:latest}. */
    public String shown(Map<String, String> labels) {
        return Stream.of(Map.entry("enforce", enforce), Map.entry("audit", audit), Map.entry("warn", warn))
                .filter(mode -> mode.getValue().level() != SecurityLevel.PRIVILEGED)
                .filter(mode -> labels.containsKey(LABEL + mode.getKey())
                        || labels.containsKey(LABEL + mode.getKey() + "-version"))
                .map(mode -> mode.getKey() + "=" + mode.getValue())
                .collect(Collectors.joining(", "));
    }
}
