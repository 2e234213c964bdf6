package io.quarterdeck.api.flowcontrol;

import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.PathHandler;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code /debug/api_priority_and_fairness/}: who runs and who waits, as tables for people. */
final class FlowControlDumps implements PathHandler {

    private static final String BASE = "/debug/api_priority_and_fairness/";

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
        if (!exchange.method().equals("GET")) {
            throw StatusException.methodNotAllowed();
        }
        String what = exchange.path().path().substring(BASE.length());
        StringBuilder text = new StringBuilder();
        Map<String, FairQueues> levels = control.levels();
        switch (what) {
            case "dump_priority_levels" -> {
                text.append("PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests,"
                        + " ExecutingSeats, CurrentLimit\n");
                levels.forEach((name, queues) -> text.append("%s, %d, %b, false, %d, %d, %d, %d\n"
                        .formatted(
                                name,
                                queues.states().stream()
                                        .filter(queue -> queue.waiting() + queue.executing() > 0)
                                        .count(),
                                queues.executingRequests() + queues.waitingRequests() == 0,
                                queues.waitingRequests(),
                                queues.executingRequests(),
                                queues.executingSeats(),
                                queues.limit())));
            }
            case "dump_queues" -> {
                text.append("PriorityLevelName, Index, PendingRequests, ExecutingSeats, VirtualStart\n");
                levels.forEach((name, queues) -> {
                    List<FairQueues.QueueState> states = queues.states();
                    for (int i = 0; i < states.size(); i++) {
                        FairQueues.QueueState state = states.get(i);
                        text.append("%s, %d, %d, %d, %.4f\n"
                                .formatted(name, i, state.waiting(), state.executing(), state.virtualStart() / 1e9));
                    }
                });
            }
            default -> {
                text.append("PriorityLevelName, FlowSchemaName, QueueIndex, RequestIndexInQueue, FlowDistingsher\n");
                levels.forEach((name, queues) -> {
                    List<FairQueues.QueueState> states = queues.states();
                    for (int i = 0; i < states.size(); i++) {
                        List<String> flows = states.get(i).flows();
                        for (int j = 0; j < flows.size(); j++) {
                            String flow = flows.get(j);
                            int slash = flow.indexOf('/');
                            text.append("%s, %s, %d, %d, %s\n"
                                    .formatted(name, flow.substring(0, slash), i, j, flow.substring(slash + 1)));
                        }
                    }
                });
            }
        }
        exchange.answerText(200, text.toString());
    }
}
