package io.quarterdeck.standalone.checks;

/**
 * Why something does not work, for a user.
 *
 * @param cause one line
 * @param remedy one command that mends it
 */
public record Problem(String cause, String remedy) {}
