package io.quarterdeck.scheduler.cycle;

import io.quarterdeck.scheduler.framework.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Upstream's sentence about nodes that do not fit: reasons counted, sorted by their text. */
final class FitMessage {

    private FitMessage() {}

    static String of(int nodes, Collection<Verdict> verdicts) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Verdict verdict : verdicts) {
            reasons(verdict).forEach(reason -> counts.merge(reason, 1, Integer::sum));
        }
        List<String> parts = new ArrayList<>();
        counts.forEach((reason, count) -> parts.add(count + " " + reason));
        parts.sort(String::compareTo);
        return "0/%d nodes are available: %s.".formatted(nodes, String.join(", ", parts));
    }

    private static List<String> reasons(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Fits() -> List.of();
            case Verdict.Unschedulable(List<String> reasons) -> reasons;
            case Verdict.Unresolvable(List<String> reasons) -> reasons;
        };
    }
}
