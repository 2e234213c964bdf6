package io.quarterdeck.system.fuzz;

import java.util.List;
import java.util.SplittableRandom;

/** Choices that one seed decides. Not thread-safe: each request has a chance of its own, split off in order. */
final class Chance {
    private final SplittableRandom random;

    Chance(long seed) {
        this.random = new SplittableRandom(seed);
    }

    long seed() {
        return random.nextLong();
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** True once in {@code times}. */
    boolean once(int times) {
        return random.nextInt(times) == 0;
    }

    <T> T of(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    long number() {
        return random.nextLong();
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
