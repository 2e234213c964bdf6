package io.quarterdeck.api.flowcontrol;

import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.flowcontrol.FairQueues.QueueState;
import io.quarterdeck.api.flowcontrol.FairQueues.RequestState;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.PathHandler;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code /debug/api_priority_and_fairness/}: who runs and who waits, as tables for people.
 *
 * <p>Source: Kubernetes documentation, "API Priority and Fairness", debug endpoints.
 */
final class FlowControlDumps implements PathHandler {

    private static final String BASE = "/debug/api_priority_and_fairness/";
    private static final List<String> LEVELS = List.of(
            "PriorityLevelName",
            "ActiveQueues",
            "IsIdle",
            "IsQuiescing",
            "WaitingRequests",
            "ExecutingRequests",
            "DispatchedRequests",
            "RejectedRequests",
            "TimedoutRequests",
            "CancelledRequests");
    private static final List<String> QUEUES = List.of(
            "PriorityLevelName",
            "Index",
            "PendingRequests",
            "ExecutingRequests",
            "SeatsInUse",
            "NextDispatchR",
            "InitialSeatsSum",
            "MaxSeatsSum",
            "TotalWorkSum");
    private static final List<String> REQUESTS = List.of(
            "PriorityLevelName",
            "FlowSchemaName",
            "QueueIndex",
            "RequestIndexInQueue",
            "FlowDistingsher",
            "ArriveTime",
            "InitialSeats",
            "FinalSeats",
            "AdditionalLatency",
            "StartTime");
    private static final List<String> DETAILS =
            List.of("UserName", "Verb", "APIPath", "Namespace", "Name", "APIVersion", "Resource", "SubResource");

    /** What a time that there is not looks like in Go. */
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private final FlowControl control;

    FlowControlDumps(FlowControl control) {
        this.control = control;
    }

    @Override
    public Set<String> paths() {
        return Set.of(BASE + "dump_priority_levels", BASE + "dump_queues", BASE + "dump_requests");
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        Map<String, FairQueues> levels = control.levels();
        switch (exchange.path().path().substring(BASE.length())) {
            case "dump_priority_levels" -> {
                rows.add(LEVELS);
                levels.forEach((name, queues) -> rows.add(level(name, queues)));
            }
            case "dump_queues" -> {
                rows.add(QUEUES);
                levels.forEach((name, queues) -> queues(name, queues.states(), rows));
            }
            default -> {
                boolean details =
                        !exchange.query().first("includeRequestDetails").isEmpty();
                rows.add(details ? joined(REQUESTS, DETAILS) : REQUESTS);
                levels.forEach((name, queues) -> requests(name, queues, details, rows));
            }
        }
        exchange.answerText(200, table(rows));
    }

    private static List<String> level(String name, FairQueues queues) {
        FairQueues.Totals totals = queues.totals();
        long active = queues.states().stream()
                .filter(queue -> !queue.waiting().isEmpty())
                .count();
        return texts(
                name,
                active,
                queues.executingRequests() + queues.waitingRequests() == 0,
                // Levels that are gone are not shown: nobody can come to them.
                false,
                queues.waitingRequests(),
                queues.executingRequests(),
                totals.dispatched(),
                totals.rejected(),
                totals.timedOut(),
                totals.cancelled());
    }

    private static void queues(String level, List<QueueState> states, List<List<String>> rows) {
        for (int i = 0; i < states.size(); i++) {
            QueueState state = states.get(i);
            rows.add(texts(
                    level,
                    i,
                    state.waiting().size(),
                    state.executing().size(),
                    state.seats(),
                    seatSeconds(state.virtualStart()),
                    state.waitingSeats(),
                    state.waitingSeats(),
                    seatSeconds(state.waitingWork())));
        }
    }

    private static void requests(String level, FairQueues queues, boolean details, List<List<String>> rows) {
        List<QueueState> states = queues.states();
        for (int i = 0; i < states.size(); i++) {
            for (int j = 0; j < states.get(i).waiting().size(); j++) {
                rows.add(request(level, i, j, states.get(i).waiting().get(j), details));
            }
            for (RequestState running : states.get(i).executing()) {
                rows.add(request(level, i, -1, running, details));
            }
        }
        queues.queueless().forEach(running -> rows.add(request(level, -1, -1, running, details)));
    }

    private static List<String> request(String level, int queue, int place, RequestState state, boolean details) {
        FairQueues.Ticket ticket = state.ticket();
        List<String> row = texts(
                level,
                ticket.schema(),
                queue,
                place,
                ticket.flow(),
                time(ticket.arrived()),
                state.seats(),
                // Nothing is charged for what a request causes when it has been answered.
                0,
                "0s",
                time(state.started()));
        if (!details) {
            return row;
        }
        AccessRequest request = ticket.request();
        return joined(
                row,
                texts(
                        request.user().name(),
                        request.verb(),
                        request.path(),
                        request.namespace(),
                        request.name(),
                        request.group().isEmpty() ? request.version() : request.group() + "/" + request.version(),
                        request.resource(),
                        request.subresource()));
    }

    private static String time(@Nullable Instant time) {
        return time == null ? NEVER : DateTimeFormatter.ISO_INSTANT.format(time);
    }

    private static String seatSeconds(double seconds) {
        return String.format(Locale.ROOT, "%.8fss", seconds);
    }

    private static List<String> texts(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell.toString());
        }
        return row;
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    /** As Go's tabwriter aligns it: a comma behind each cell but the last, a space at least between columns. */
    private static String table(List<List<String>> rows) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], Math.max(8, row.get(i).length() + 2));
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size() - 1; i++) {
                String cell = row.get(i) + ",";
                text.append(cell).append(" ".repeat(widths[i] - cell.length()));
            }
            text.append(row.getLast()).append('\n');
        }
        return text.toString();
    }
}
