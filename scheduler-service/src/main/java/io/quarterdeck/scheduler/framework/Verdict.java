package io.quarterdeck.scheduler.framework;

import java.util.List;

/** What a rule says about one pod on one node. */
public sealed interface Verdict {

    Verdict FITS = new Fits();

    record Fits() implements Verdict {}

    /** It does not fit now; removing other pods may help. */
    record Unschedulable(List<String> reasons) implements Verdict {
        public Unschedulable {
            reasons = List.copyOf(reasons);
        }
    }

    /** It does not fit, and removing pods cannot help. */
    record Unresolvable(List<String> reasons) implements Verdict {
        public Unresolvable {
            reasons = List.copyOf(reasons);
        }
    }

    static Verdict unschedulable(String... reasons) {
        return new Unschedulable(List.of(reasons));
    }

    static Verdict unresolvable(String... reasons) {
        return new Unresolvable(List.of(reasons));
    }
}
