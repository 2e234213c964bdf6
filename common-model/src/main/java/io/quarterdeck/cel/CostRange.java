package io.quarterdeck.cel;

/**
 * The least and the most that something costs, or the sizes that something has. Sums and products stop at the largest
 * number instead of overflowing.
 *
 * <p>Source: cel-spec, cost model of cel-go.
 */
public record CostRange(long min, long max) {

    static final CostRange ZERO = new CostRange(0, 0);
    static final CostRange ONE = new CostRange(1, 1);
    static final CostRange UNKNOWN = new CostRange(0, Long.MAX_VALUE);

    static CostRange of(long fixed) {
        return new CostRange(fixed, fixed);
    }

    public CostRange plus(CostRange other) {
        return new CostRange(add(min, other.min), add(max, other.max));
    }

    public CostRange times(CostRange other) {
        return new CostRange(multiply(min, other.min), multiply(max, other.max));
    }

    /** Rounded up. */
    CostRange times(double factor) {
        return new CostRange(scale(min, factor), scale(max, factor));
    }

    CostRange union(CostRange other) {
        return new CostRange(Math.min(min, other.min), Math.max(max, other.max));
    }

    static long add(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    static long multiply(long a, long b) {
        long high = Math.multiplyHigh(a, b);
        long low = a * b;
        return high != 0 || low < 0 ? Long.MAX_VALUE : low;
    }

    private static long scale(long units, double factor) {
        double scaled = Math.ceil(units * factor);
        return scaled >= Long.MAX_VALUE ? Long.MAX_VALUE : (long) scaled;
    }
}
