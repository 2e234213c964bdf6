package io.quarterdeck.system.history;

/** @param rule which promise was broken; one word, for tests */
public record Violation(Rule rule, String what) {

    public enum Rule {
        /** One revision, two changes. */
        UNIQUE_REVISION,
        /** A state that nobody wrote, or whose writer was refused. */
        PHANTOM,
        /** A write happened although its expectation did not hold. */
        EXPECTATION,
        /** A write was acknowledged and is gone. */
        LOST_WRITE,
        /** What was answered before does not come before. */
        REAL_TIME,
        /** A read shows no state of its window. */
        STALE_READ,
        /** A list is not the state at its revision, or its revision is not of its window. */
        WRONG_LIST,
        WATCH_ORDER,
        WATCH_INCOMPLETE,
        WATCH_TRANSITION,
        WATCH_BOOKMARK,
        WATCH_EXPIRED,
        /** No watch saw everything, so nothing can be concluded. */
        NO_WITNESS
    }
}
