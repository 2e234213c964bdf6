package io.quarterdeck.standalone.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Known here for help and completion; the shell script runs the tests itself, since they need no running build. */
@Command(name = "test", description = "run the whole test suite: unit, integration, system")
final class TestCommand implements Runnable {
    @Option(names = "--fast", description = "without Docker")
    boolean fast;

    @Override
    public void run() {
        throw new Failure("the tests are run by the script, not by the program", "./quarterdeck test");
    }
}
