package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.checks.Checks;
import io.quarterdeck.standalone.checks.Finding;
import io.quarterdeck.standalone.checks.LocalMachine;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.Role;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The checks of {@code up}, at any time. */
@Command(name = "doctor", description = "check whether this machine can run Quarterdeck")
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    InstanceOptions options = new InstanceOptions();

    @Option(names = "--port", paramLabel = "N", description = "port of the API")
    @Nullable Integer port;

    @Option(
            names = "--components",
            paramLabel = "LIST",
            defaultValue = "api,controllers,scheduler,node,proxy",
            description = "the parts that are to run")
    String components = "";

    @Override
    public Integer call() {
        Instance instance = options.instance();
        int apiPort = instance.port(port == null ? OptionalInt.empty() : OptionalInt.of(port));
        List<Finding> findings = new Checks(
                        new LocalMachine(), instance, apiPort, Role.parse(components), QuarterdeckCommand.command())
                .run();
        for (Finding finding : findings) {
            System.out.printf(
                    "%-5s %-12s %s%n",
                    finding.problem().isPresent() ? "wrong" : "ok", finding.subject(), finding.state());
            finding.problem().ifPresent(problem -> System.out.println("                   try: " + problem.remedy()));
        }
        long wrong = findings.stream()
                .filter(finding -> finding.problem().isPresent())
                .count();
        System.out.println(wrong == 0 ? "all well" : wrong + (wrong == 1 ? " problem" : " problems"));
        return wrong == 0 ? 0 : 1;
    }
}
