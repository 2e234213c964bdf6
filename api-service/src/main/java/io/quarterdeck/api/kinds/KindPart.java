package io.quarterdeck.api.kinds;

/** Marks a bean that a strategy is made of; {@link KindsConfiguration} finds it. */
public interface KindPart {}
