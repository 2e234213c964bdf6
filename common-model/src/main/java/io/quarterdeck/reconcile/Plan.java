package io.quarterdeck.reconcile;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What to do now, what to do once that is done, and when to look again at the latest. The runner performs the actions in
 * order; a failed one ends the round (later rounds start with back-off), but {@code afterwards} is still asked, with the
 * outcome.
 */
public record Plan(List<Action> actions, Function<Outcome, List<Action>> afterwards, Optional<Duration> requeueAfter) {

    public Plan {
        actions = List.copyOf(actions);
    }

    public static Plan nothing() {
        return of(List.of());
    }

    public static Plan of(Action... actions) {
        return of(List.of(actions));
    }

    public static Plan of(List<Action> actions) {
        return new Plan(actions, outcome -> List.of(), Optional.empty());
    }

    public Plan afterwards(Function<Outcome, List<Action>> then) {
        return new Plan(actions, then, requeueAfter);
    }

    public Plan requeueAfter(Duration delay) {
        return new Plan(actions, afterwards, Optional.of(delay));
    }
}
