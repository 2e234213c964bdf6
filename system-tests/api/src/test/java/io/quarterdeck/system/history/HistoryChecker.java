package io.quarterdeck.system.history;

import io.quarterdeck.system.history.Call.Ending;
import io.quarterdeck.system.history.Call.Frame;
import io.quarterdeck.system.history.Call.FrameType;
import io.quarterdeck.system.history.Call.Get;
import io.quarterdeck.system.history.Call.Kind;
import io.quarterdeck.system.history.Call.Listing;
import io.quarterdeck.system.history.Call.Outcome;
import io.quarterdeck.system.history.Call.Seen;
import io.quarterdeck.system.history.Call.Selection;
import io.quarterdeck.system.history.Call.Watch;
import io.quarterdeck.system.history.Call.Write;
import io.quarterdeck.system.history.Model.Event;
import io.quarterdeck.system.history.Violation.Rule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether one ordered store can have given the answers of a history. Changes are learnt from acknowledged writes and from
 * everything that any client saw, so a write whose outcome is unknown happened when somebody saw it. Sorted by revision
 * they must be a sequence in which each expectation holds; real time must agree with it; every read, list and watch must
 * show it. Pure.
 */
public final class HistoryChecker {

    private static final int ENOUGH = 200;

    private final List<Write> writes;
    private final List<Get> gets;
    private final List<Listing> lists;
    private final List<Watch> watches;
    private final long window;
    private final Map<Long, Write> byToken = new HashMap<>();
    private final Model model = new Model();
    private final List<Violation> violations = new ArrayList<>();
    private Times committed = Times.greatestBefore(new long[0][]);
    private Times begunBefore = Times.greatestBefore(new long[0][]);
    private Times begunBehind = Times.leastBehind(new long[0][]);

    private HistoryChecker(History history, long window) {
        this.writes = history.all(Write.class);
        this.gets = history.all(Get.class);
        this.lists = history.all(Listing.class);
        this.watches = history.all(Watch.class);
        this.window = window;
    }

    /** @param violations empty when all is well */
    public record Verdict(List<Violation> violations, Model model) {
        public boolean broken(Rule rule) {
            return violations.stream().anyMatch(violation -> violation.rule() == rule);
        }
    }

    /** @param window a watch may begin behind any of so many last revisions */
    public static Verdict check(History history, long window) {
        HistoryChecker checker = new HistoryChecker(history, window);
        checker.run();
        return new Verdict(List.copyOf(checker.violations), checker.model);
    }

    private void report(Rule rule, String format, Object... arguments) {
        if (violations.size() < ENOUGH) {
            violations.add(new Violation(rule, format.formatted(arguments)));
        }
    }

    private void run() {
        writes.forEach(write -> byToken.put(write.token(), write));
        learn();
        model.close();
        replay();
        witness();
        times();
        writes.forEach(this::checkWrite);
        gets.forEach(this::checkGet);
        lists.forEach(this::checkList);
        watches.forEach(this::checkWatch);
    }

    // What happened.

    private void learn() {
        for (Write write : writes) {
            if (write.outcome() == Outcome.DONE && write.kind() != Kind.DELETE) {
                learn(new Event(write.revision(), write.key(), false, write.token(), write.group()), "acknowledged");
            }
        }
        gets.forEach(get -> {
            if (get.seen() != null) {
                learn(get.seen(), "read");
            }
        });
        lists.forEach(list -> list.items().forEach(seen -> learn(seen, "listed")));
        for (Watch watch : watches) {
            for (Frame frame : watch.frames()) {
                Seen seen = frame.seen();
                if (frame.type() == FrameType.ADDED || frame.type() == FrameType.MODIFIED) {
                    learn(seen, "watched");
                } else if (frame.type() == FrameType.DELETED
                        && watch.selection().group().isEmpty()) {
                    // With a selection by group it may be a departure only.
                    learn(new Event(seen.revision(), seen.key(), true, seen.token(), seen.group()), "watched");
                }
            }
        }
    }

    private void learn(Seen seen, String how) {
        Write write = byToken.get(seen.token());
        if (write == null || write.kind() == Kind.DELETE || !write.key().equals(seen.key())) {
            report(Rule.PHANTOM, "%s at %d was %s, but nobody wrote it", seen.key(), seen.revision(), how);
        } else if (write.outcome() == Outcome.REFUSED) {
            report(Rule.PHANTOM, "%s at %d was %s, but its write was refused", seen.key(), seen.revision(), how);
        } else if (!write.group().equals(seen.group())) {
            report(Rule.PHANTOM, "%s at %d was %s with another label", seen.key(), seen.revision(), how);
        } else if (write.outcome() == Outcome.DONE && write.revision() != seen.revision()) {
            report(
                    Rule.UNIQUE_REVISION,
                    "%s was acknowledged at %d and %s at %d",
                    seen.key(),
                    write.revision(),
                    how,
                    seen.revision());
        } else {
            learn(new Event(seen.revision(), seen.key(), false, seen.token(), seen.group()), how);
        }
    }

    private void learn(Event event, String how) {
        Event known = model.learn(event);
        if (known != null) {
            report(Rule.UNIQUE_REVISION, "%d is %s, but a %s was %s", event.revision, known, event, how);
        }
    }

    /** Every expectation holds when the changes are replayed in order. */
    private void replay() {
        Set<Long> tokens = new HashSet<>();
        for (Event event : model.sequence()) {
            Event before = event.before;
            if (event.deletion) {
                if (before == null || before.token != event.token) {
                    report(Rule.EXPECTATION, "%d is a %s, but before it was %s", event.revision, event, before);
                }
                continue;
            }
            if (!tokens.add(event.token)) {
                report(Rule.UNIQUE_REVISION, "write %d happened twice, again at %d", event.token, event.revision);
            }
            Write write = byToken.get(event.token);
            if (write == null) {
                continue;
            }
            boolean holds = switch (write.kind()) {
                case CREATE -> before == null;
                case REPLACE -> before != null && (write.expected() < 0 || before.revision == write.expected());
                case DELETE -> false;
            };
            if (!holds) {
                report(
                        Rule.EXPECTATION,
                        "%s of %s at %d expected revision %d, but before it was %s",
                        write.kind(),
                        event.key,
                        event.revision,
                        write.expected(),
                        before == null ? "nothing" : before.revision + " (" + before + ")");
            }
        }
    }

    /** Watches of everything must cover the whole sequence, or deletions are not all known. */
    private void witness() {
        long last = model.sequence().isEmpty() ? 0 : model.sequence().getLast().revision;
        List<Watch> complete = watches.stream()
                .filter(watch -> watch.selection().equals(Selection.ALL))
                .sorted(Comparator.comparingLong(Watch::from))
                .toList();
        long covered = complete.isEmpty() ? 0 : complete.getFirst().from();
        for (Watch watch : complete) {
            if (watch.from() <= covered) {
                covered = Math.max(covered, watch.reached());
                for (Frame frame : watch.frames()) {
                    covered = Math.max(covered, frame.seen().revision());
                }
            }
        }
        if (covered < last) {
            report(Rule.NO_WITNESS, "watches of everything cover up to %d, not %d", covered, last);
        }
    }

    // What could be known when.

    private void times() {
        List<long[]> known = new ArrayList<>();
        List<long[]> begun = new ArrayList<>();
        for (Event event : model.sequence()) {
            Write write = event.deletion ? null : byToken.get(event.token);
            if (write != null) {
                begun.add(new long[] {write.began(), event.revision});
                if (write.outcome() == Outcome.DONE) {
                    known.add(new long[] {write.ended(), event.revision});
                }
            }
        }
        deleters().forEach((revision, write) -> {
            begun.add(new long[] {write.began(), revision});
            if (write.outcome() == Outcome.DONE) {
                known.add(new long[] {write.ended(), revision});
            }
        });
        gets.forEach(get -> {
            if (get.seen() != null) {
                known.add(new long[] {get.ended(), get.seen().revision()});
            }
        });
        lists.forEach(list -> known.add(new long[] {list.ended(), list.revision()}));
        committed = Times.greatestBefore(known.toArray(long[][]::new));
        begunBefore = Times.greatestBefore(begun.toArray(long[][]::new));
        begunBehind = Times.leastBehind(begun.toArray(long[][]::new));
    }

    /** Who made a deletion: several may have asked, of whom one was told that it did; else the first that was told nothing. */
    private Map<Long, Write> deleters() {
        Map<Long, Write> deleters = new HashMap<>();
        for (Write write : writes) {
            Event event = write.kind() == Kind.DELETE && write.outcome() != Outcome.REFUSED ? deletionBy(write) : null;
            if (event != null) {
                deleters.merge(event.revision, write, (one, other) -> {
                    if (one.outcome() == Outcome.DONE && other.outcome() == Outcome.DONE) {
                        report(Rule.EXPECTATION, "the deletion at %d was acknowledged twice", event.revision);
                    }
                    boolean first = one.outcome() == Outcome.DONE
                            || (other.outcome() != Outcome.DONE && one.began() <= other.began());
                    return first ? one : other;
                });
            }
        }
        return deleters;
    }

    /** The deletion of the state that a conditional delete named; null when it is not known to have happened. */
    private @Nullable Event deletionBy(Write write) {
        List<Event> events = model.of(write.key());
        int index = Model.indexAt(events, write.expected());
        boolean named = index >= 0 && events.get(index).revision == write.expected();
        Event next = named && index + 1 < events.size() ? events.get(index + 1) : null;
        return next != null && next.deletion ? next : null;
    }

    private void checkWrite(Write write) {
        if (write.outcome() != Outcome.DONE) {
            return;
        }
        long revision = write.revision();
        if (write.kind() == Kind.DELETE) {
            Event deletion = deletionBy(write);
            if (deletion == null) {
                report(
                        Rule.LOST_WRITE,
                        "the deletion of %s at revision %d was acknowledged and did not happen",
                        write.key(),
                        write.expected());
                return;
            }
            revision = deletion.revision;
        }
        long before = committed.at(write.began());
        if (revision <= before) {
            report(
                    Rule.REAL_TIME,
                    "%s of %s got revision %d, but %d had been told before it was asked",
                    write.kind(),
                    write.key(),
                    revision,
                    before);
        }
    }

    private long least(long freshness, long began) {
        return freshness == Get.CONSISTENT ? committed.at(began) : freshness;
    }

    private void checkGet(Get get) {
        long least = least(get.freshness(), get.began());
        long most = begunBehind.at(get.ended()) - 1;
        List<Event> events = model.of(get.key());
        Seen seen = get.seen();
        boolean found = false;
        for (int i = -1; i < events.size() && !found; i++) {
            long from = i < 0 ? 0 : events.get(i).revision;
            long to = i + 1 < events.size() ? events.get(i + 1).revision - 1 : Long.MAX_VALUE;
            boolean absent = i < 0 || events.get(i).deletion;
            boolean shown = seen == null ? absent : !absent && from == seen.revision();
            found = shown && to >= least && from <= most;
        }
        if (!found) {
            report(
                    Rule.STALE_READ,
                    "a read of %s showed %s, which it was at no revision from %d to %d",
                    get.key(),
                    seen == null ? "nothing" : "revision " + seen.revision(),
                    least,
                    most);
        }
    }

    private void checkList(Listing list) {
        long least = list.exact() ? 0 : least(list.freshness(), list.began());
        long most = begunBehind.at(list.ended()) - 1;
        if (list.revision() < least || list.revision() > most) {
            report(
                    Rule.WRONG_LIST,
                    "a list of %s is of revision %d, which lies not from %d to %d",
                    list.selection(),
                    list.revision(),
                    least,
                    most);
        }
        Map<String, Event> expected = model.at(list.revision(), list.selection());
        for (Seen seen : list.items()) {
            Event event = expected.remove(seen.key());
            if (event == null || event.revision != seen.revision()) {
                report(
                        Rule.WRONG_LIST,
                        "a list of %s at %d shows %s at %d instead of %s",
                        list.selection(),
                        list.revision(),
                        seen.key(),
                        seen.revision(),
                        event == null ? "nothing" : Long.toString(event.revision));
            }
        }
        expected.values()
                .forEach(event -> report(
                        Rule.WRONG_LIST,
                        "a list of %s at %d leaves out %s at %d",
                        list.selection(),
                        list.revision(),
                        event.key,
                        event.revision));
    }

    // Watches.

    /** What a watcher sees of a change, null when nothing. */
    private static @Nullable Frame shown(Event event, Selection selection) {
        Event before = event.before;
        boolean was = before != null && selection.matches(before.key, before.group);
        boolean is = !event.deletion && selection.matches(event.key, event.group);
        if (is) {
            return frame(was ? FrameType.MODIFIED : FrameType.ADDED, event.revision, event);
        }
        return was ? frame(FrameType.DELETED, event.revision, before) : null;
    }

    private static Frame frame(FrameType type, long revision, Event state) {
        return new Frame(0, type, new Seen(state.key, revision, state.token, state.group));
    }

    private void checkWatch(Watch watch) {
        List<Event> behind = model.behind(watch.from());
        int position = 0;
        long last = watch.from();
        for (Frame frame : watch.frames()) {
            Seen seen = frame.seen();
            boolean bookmark = frame.type() == FrameType.BOOKMARK;
            if (bookmark ? seen.revision() < last : seen.revision() <= last) {
                report(
                        bookmark ? Rule.WATCH_BOOKMARK : Rule.WATCH_ORDER,
                        "a watch of %s behind %d was told of %s %d behind %d",
                        watch.selection(),
                        watch.from(),
                        frame.type(),
                        seen.revision(),
                        last);
                continue;
            }
            if (bookmark && seen.revision() >= begunBehind.at(frame.at())) {
                report(Rule.WATCH_BOOKMARK, "a bookmark told of %d before it can have happened", seen.revision());
            }
            last = seen.revision();
            long end = bookmark ? seen.revision() : seen.revision() - 1;
            position = missed(watch, behind, position, end, bookmark ? Rule.WATCH_BOOKMARK : Rule.WATCH_INCOMPLETE);
            if (!bookmark) {
                Frame expected = position < behind.size() && behind.get(position).revision == seen.revision()
                        ? shown(behind.get(position++), watch.selection())
                        : null;
                checkFrame(watch, frame, expected);
            }
        }
        missed(watch, behind, position, watch.reached(), Rule.WATCH_INCOMPLETE);
        long possible = begunBefore.at(watch.ended());
        if (watch.ending() == Ending.EXPIRED && possible - last < window) {
            report(
                    Rule.WATCH_EXPIRED,
                    "a watch of %s behind %d expired, though no revision above %d can have been",
                    watch.selection(),
                    last,
                    possible);
        }
    }

    /** Passes by what concerns nobody up to a revision; what does was left out. */
    private int missed(Watch watch, List<Event> behind, int position, long upTo, Rule rule) {
        int at = position;
        for (; at < behind.size() && behind.get(at).revision <= upTo; at++) {
            if (shown(behind.get(at), watch.selection()) != null) {
                report(
                        rule,
                        "a watch of %s behind %d was not told of %d, a %s, up to %d",
                        watch.selection(),
                        watch.from(),
                        behind.get(at).revision,
                        behind.get(at),
                        upTo);
            }
        }
        return at;
    }

    private void checkFrame(Watch watch, Frame frame, @Nullable Frame expected) {
        Seen seen = frame.seen();
        if (expected == null
                || expected.type() != frame.type()
                || expected.seen().token() != seen.token()
                || !expected.seen().key().equals(seen.key())) {
            report(
                    Rule.WATCH_TRANSITION,
                    "a watch of %s was told %s %s by write %d at %d instead of %s",
                    watch.selection(),
                    frame.type(),
                    seen.key(),
                    seen.token(),
                    seen.revision(),
                    expected == null
                            ? "nothing"
                            : expected.type() + " by write " + expected.seen().token());
        }
    }
}
