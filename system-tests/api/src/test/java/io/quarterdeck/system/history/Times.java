package io.quarterdeck.system.history;

import java.util.Arrays;

/** What must have been committed by a time, and what cannot have been: points (time, revision), asked by binary search. */
final class Times {

    private final long[] times;
    private final long[] best;
    private final boolean upTo;

    private Times(long[] times, long[] best, boolean upTo) {
        this.times = times;
        this.best = best;
        this.upTo = upTo;
    }

    /** For "the greatest revision of those before a time". */
    static Times greatestBefore(long[][] points) {
        long[][] sorted = sorted(points);
        long[] times = new long[sorted.length];
        long[] best = new long[sorted.length];
        long greatest = 0;
        for (int i = 0; i < sorted.length; i++) {
            greatest = Math.max(greatest, sorted[i][1]);
            times[i] = sorted[i][0];
            best[i] = greatest;
        }
        return new Times(times, best, true);
    }

    /** For "the least revision of those behind a time". */
    static Times leastBehind(long[][] points) {
        long[][] sorted = sorted(points);
        long[] times = new long[sorted.length];
        long[] best = new long[sorted.length];
        long least = Long.MAX_VALUE;
        for (int i = sorted.length - 1; i >= 0; i--) {
            least = Math.min(least, sorted[i][1]);
            times[i] = sorted[i][0];
            best[i] = least;
        }
        return new Times(times, best, false);
    }

    private static long[][] sorted(long[][] points) {
        long[][] sorted = points.clone();
        Arrays.sort(sorted, (left, right) -> Long.compare(left[0], right[0]));
        return sorted;
    }

    /** Points strictly before, or strictly behind, {@code time}. */
    long at(long time) {
        int low = 0;
        int high = times.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (upTo ? times[middle] < time : times[middle] <= time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (upTo) {
            return low == 0 ? 0 : best[low - 1];
        }
        return low == times.length ? Long.MAX_VALUE : best[low];
    }
}
