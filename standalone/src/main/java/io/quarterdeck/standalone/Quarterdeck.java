package io.quarterdeck.standalone;

import io.quarterdeck.standalone.cli.QuarterdeckCommand;

/** Where the JVM starts: the command line, and behind its hidden command {@code serve} the server. */
public final class Quarterdeck {
    private Quarterdeck() {}

    static void main(String[] arguments) {
        System.exit(QuarterdeckCommand.run(arguments));
    }
}
