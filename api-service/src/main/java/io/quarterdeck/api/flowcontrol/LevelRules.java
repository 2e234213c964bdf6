package io.quarterdeck.api.flowcontrol;

import io.quarterdeck.api.document.Document;

/**
 * A priority level as its object says. Immutable.
 *
 * <p>Source: API flowcontrol.apiserver.k8s.io/v1, PriorityLevelConfiguration.
 *
 * @param shares of the server's seats, in proportion to all levels'
 * @param lendablePercent how much of its seats others may use while it does not
 * @param borrowingPercent how many seats it may borrow, in percent of its own; unlimited when negative
 * @param queues 0 when what finds no seat is refused at once
 * @param handSize how many queues one flow may use
 * @param queueLength how many requests may wait in one queue
 */
record LevelRules(
        String name,
        String uid,
        boolean exempt,
        int shares,
        int lendablePercent,
        int borrowingPercent,
        int queues,
        int handSize,
        int queueLength) {

    private static final int SHARES = 30;
    private static final int QUEUES = 64;
    private static final int HAND = 8;
    private static final int LENGTH = 50;

    static LevelRules of(Document level) {
        boolean exempt = level.text("spec.type").equals("Exempt");
        String part = exempt ? "spec.exempt." : "spec.limited.";
        boolean queue = level.text("spec.limited.limitResponse.type").equals("Queue");
        String queuing = "spec.limited.limitResponse.queuing.";
        return new LevelRules(
                level.name(),
                level.uid(),
                exempt,
                (int) level.number(part + "nominalConcurrencyShares", exempt ? 0 : SHARES),
                (int) level.number(part + "lendablePercent", 0),
                (int) level.number("spec.limited.borrowingLimitPercent", -1),
                exempt || !queue ? 0 : (int) level.number(queuing + "queues", QUEUES),
                (int) level.number(queuing + "handSize", HAND),
                (int) level.number(queuing + "queueLengthLimit", LENGTH));
    }
}
