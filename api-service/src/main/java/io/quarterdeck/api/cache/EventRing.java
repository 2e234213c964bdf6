package io.quarterdeck.api.cache;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The recent events of one storage, numbered from 1 without gaps. One thread at a time writes; any number read without
 * a lock and learn from a null that what they ask for was dropped.
 */
final class EventRing {

    private volatile AtomicReferenceArray<Slot> slots = new AtomicReferenceArray<>(16);
    private volatile long head = 1;
    private volatile long tail;
    private volatile long floor;
    private long bytes;

    private record Slot(long number, RingEvent event) {}

    /** @param floor changes up to this revision are not in the ring */
    EventRing(long floor) {
        this.floor = floor;
    }

    void append(RingEvent event) {
        AtomicReferenceArray<Slot> current = slots;
        long number = tail + 1;
        if (number - head >= current.length()) {
            AtomicReferenceArray<Slot> grown = new AtomicReferenceArray<>(current.length() * 2);
            for (long n = head; n < number; n++) {
                grown.set(index(grown, n), current.get(index(current, n)));
            }
            current = grown;
        }
        current.set(index(current, number), new Slot(number, event));
        slots = current;
        bytes += event.bytes();
        tail = number;
    }

    /** Forgets the oldest event. */
    void dropOldest() {
        RingEvent oldest = at(head);
        if (oldest == null) {
            return;
        }
        bytes -= oldest.bytes();
        floor = oldest.revision();
        slots.set(index(slots, head), null);
        head = head + 1;
    }

    /** Forgets everything; what is known begins at {@code newFloor}. A number is left out, so that all cursors notice. */
    void clear(long newFloor) {
        floor = newFloor;
        slots = new AtomicReferenceArray<>(16);
        bytes = 0;
        tail = tail + 1;
        head = tail + 1;
    }

    @Nullable RingEvent at(long number) {
        AtomicReferenceArray<Slot> current = slots;
        Slot slot = current.get(index(current, number));
        return slot == null || slot.number != number ? null : slot.event;
    }

    /** The number of the first event behind {@code revision}; one behind the last when there is none. */
    long firstBehind(long revision) {
        long low = head;
        long high = tail + 1;
        while (low < high) {
            long middle = (low + high) >>> 1;
            RingEvent event = at(middle);
            if (event == null || event.revision() <= revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The number of the oldest event; one behind the tail when there is none. */
    long head() {
        return head;
    }

    long tail() {
        return tail;
    }

    /** The revision of the last event that is no longer here. */
    long floor() {
        return floor;
    }

    long size() {
        return tail - head + 1;
    }

    long bytes() {
        return bytes;
    }

    private static int index(AtomicReferenceArray<Slot> slots, long number) {
        return (int) (number & (slots.length() - 1));
    }
}
