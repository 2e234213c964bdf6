package io.quarterdeck.feed;

import java.util.Collection;
import java.util.function.Function;

/** A named way to find objects by what they hold: each object is filed under every value that {@code values} gives. */
public record Index<T>(String name, Function<T, Collection<String>> values) {}
