package io.quarterdeck.api.registry;

import java.util.random.RandomGenerator;

/** Generated names: a prefix of at most 58 characters and five letters that spell no words. */
final class Names {

    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final int PREFIX = 58;
    private static final int SUFFIX = 5;

    private Names() {}

    static String generate(String prefix, RandomGenerator random) {
        StringBuilder name = new StringBuilder(prefix.substring(0, Math.min(prefix.length(), PREFIX)));
        for (int i = 0; i < SUFFIX; i++) {
            name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return name.toString();
    }
}
