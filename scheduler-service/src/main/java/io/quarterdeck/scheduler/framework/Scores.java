package io.quarterdeck.scheduler.framework;

/** Upstream's default ways to bring raw scores into 0 to 100. */
public final class Scores {

    private Scores() {}

    /** The largest becomes 100, the others in proportion; reversed, the largest becomes 0. */
    public static long[] normalize(long[] raw, boolean reverse) {
        long max = 0;
        for (long score : raw) {
            max = Math.max(max, score);
        }
        long[] scores = new long[raw.length];
        for (int i = 0; i < raw.length; i++) {
            long share = max == 0 ? 0 : raw[i] * ScorePlugin.MAX_SCORE / max;
            scores[i] = reverse ? ScorePlugin.MAX_SCORE - share : share;
        }
        return scores;
    }
}
