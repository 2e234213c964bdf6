package io.quarterdeck.standalone.checks;

import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.Role;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The checks before the first build, run from source by {@code ./quarterdeck}: a machine that cannot run Quarterdeck says
 * so in seconds, not after the minutes of a build. Takes the command and the arguments of {@code up}.
 */
final class Preflight {
    private Preflight() {}

    static void main(String[] arguments) {
        String command = arguments[0];
        Path data = Instance.usualDirectory();
        OptionalInt port = OptionalInt.empty();
        String components = Role.all();
        for (int i = 1; i < arguments.length; i++) {
            String[] option = arguments[i].split("=", 2);
            String value = option.length == 2 ? option[1] : i + 1 < arguments.length ? arguments[i + 1] : "";
            switch (option[0]) {
                case "--data" -> data = Path.of(value);
                case "--port" -> port = value.matches("[0-9]{1,5}") ? OptionalInt.of(Integer.parseInt(value)) : port;
                case "--components" -> components = value;
                default -> {
                    // Everything else is for the command line proper, which complains where it must.
                }
            }
        }
        try {
            var instance = new Instance(data);
            var checks = new Checks(new LocalMachine(), instance, instance.port(port), Role.parse(components), command);
            Optional<Problem> problem = checks.firstProblem();
            if (problem.isPresent()) {
                System.err.println("error: " + problem.get().cause() + "\n  try: "
                        + problem.get().remedy());
                System.exit(1);
            }
        } catch (IllegalArgumentException e) {
            System.err.println("error: " + e.getMessage() + "\n  try: " + command + " up --help");
            System.exit(2);
        }
    }
}
