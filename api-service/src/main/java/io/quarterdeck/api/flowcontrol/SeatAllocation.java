package io.quarterdeck.api.flowcontrol;

import java.util.List;

/**
 * How many seats each level gets now: at least what it does not lend or needs itself, at most what it may borrow, and what is
 * left in proportion to what it wants. Pure.
 *
 * <p>Source: KEP-1040, "Dispatching", concurrency borrowing.
 */
final class SeatAllocation {

    private SeatAllocation() {}

    /**
     * @param nominal its share
     * @param minimum what it never goes below: its share without what it lends
     * @param maximum its share with what it may borrow
     */
    record Bounds(int nominal, int minimum, int maximum) {}

    /**
     * @param high the most seats that were wanted at once since the last time
     * @param smooth what is wanted as a rule
     * @param average over the time since the last time, and how far it strayed from that
     */
    record Demand(double high, double smooth, double average, double deviation) {}

    /**
     * @param seats of each level
     * @param targets what each would have if there were enough
     * @param fairFraction how much of it there is for those that can use it
     */
    record Shares(int[] seats, double[] targets, double fairFraction) {}

    static Bounds bounds(LevelRules level, int serverSeats, int allShares) {
        int nominal = allShares == 0 ? 0 : (int) Math.ceil((double) serverSeats * level.shares() / allShares);
        int lendable = (int) Math.round(nominal * level.lendablePercent() / 100.0);
        int maximum = level.borrowingPercent() < 0
                ? serverSeats
                : nominal + (int) Math.round(nominal * level.borrowingPercent() / 100.0);
        return new Bounds(nominal, nominal - lendable, Math.max(maximum, nominal));
    }

    /** @param serverSeats what all levels have together */
    static Shares current(int serverSeats, List<Bounds> bounds, List<Demand> demands) {
        int count = bounds.size();
        double[] least = new double[count];
        double[] target = new double[count];
        double largest = 0;
        for (int i = 0; i < count; i++) {
            Bounds bound = bounds.get(i);
            least[i] = Math.max(
                    bound.minimum(), Math.min(bound.nominal(), demands.get(i).high()));
            target[i] = Math.max(least[i], demands.get(i).smooth());
            largest = Math.max(largest, target[i] > 0 ? bound.maximum() / target[i] : 0);
        }
        double low = 0;
        double high = Math.max(1, largest);
        for (int step = 0; step < 60; step++) {
            double middle = (low + high) / 2;
            if (sum(middle, least, target, bounds) > serverSeats) {
                high = middle;
            } else {
                low = middle;
            }
        }
        int[] seats = new int[count];
        for (int i = 0; i < count; i++) {
            seats[i] = (int) Math.round(clamped(low, least[i], target[i], bounds.get(i)));
        }
        return new Shares(seats, target, low);
    }

    private static double sum(double fraction, double[] least, double[] target, List<Bounds> bounds) {
        double sum = 0;
        for (int i = 0; i < least.length; i++) {
            sum += clamped(fraction, least[i], target[i], bounds.get(i));
        }
        return sum;
    }

    private static double clamped(double fraction, double least, double target, Bounds bounds) {
        return Math.max(least, Math.min(bounds.maximum(), fraction * target));
    }
}
