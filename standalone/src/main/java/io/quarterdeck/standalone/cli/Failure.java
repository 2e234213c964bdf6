package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.checks.Problem;

/** A command cannot do what it was asked to; carries the line of cause and the command that mends it. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    Failure(Problem problem) {
        super(problem.cause());
        this.problem = problem;
    }

    Failure(String cause, String remedy) {
        this(new Problem(cause, remedy));
    }

    Problem problem() {
        return problem;
    }
}
