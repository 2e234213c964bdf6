package io.quarterdeck.standalone.instance;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The parts that one process can hold, by the names that {@code --components} takes. */
public enum Role {
    API,
    CONTROLLERS,
    SCHEDULER,
    NODE,
    PROXY;

    /** The name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the part changes the machine (containers, rules, interfaces) and so wants root. */
    public boolean needsRoot() {
        return this == NODE || this == PROXY;
    }

    /**
     * Reads {@code api,controllers,...}.
     *
     * @throws IllegalArgumentException with one line that names the unknown part, or that the API is missing
     */
    public static Set<Role> parse(String list) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String label : list.split(",")) {
            roles.add(Arrays.stream(values())
                    .filter(role -> role.label().equals(label.strip()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "unknown component \"" + label.strip() + "\" (known: " + all() + ")")));
        }
        if (!roles.contains(API)) {
            throw new IllegalArgumentException("without the component \"api\" there is nothing to talk to");
        }
        return roles;
    }

    public static String format(Set<Role> roles) {
        return roles.stream().sorted().map(Role::label).collect(Collectors.joining(","));
    }

    public static String all() {
        return format(Set.copyOf(List.of(values())));
    }
}
