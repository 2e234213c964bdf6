package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.checks.Checks;
import io.quarterdeck.standalone.checks.Finding;
import io.quarterdeck.standalone.checks.LocalMachine;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.Role;
import io.quarterdeck.standalone.manifests.ManifestCheck;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The checks of {@code up}, at any time; or those of files, whose kinds may be of another age. */
@Command(
        name = "doctor",
        description =
                "check whether this machine can run Quarterdeck; or whether files can be applied, and what to change")
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

    @Parameters(arity = "0..*", paramLabel = "FILE", description = "objects in YAML or JSON; - reads standard input")
    List<String> files = List.of();

    @Override
    public Integer call() {
        return files.isEmpty() ? machine() : manifests();
    }

    private int manifests() {
        ManifestCheck check = new ManifestCheck();
        boolean works = true;
        for (String file : files) {
            try (Reader reader = file.equals("-")
                    ? new InputStreamReader(System.in, StandardCharsets.UTF_8)
                    : Files.newBufferedReader(Path.of(file))) {
                for (ManifestCheck.Report report : check.check(reader)) {
                    System.out.printf("%-5s %s%n", report.works() ? "works" : "wrong", report.object());
                    report.advice().forEach(advice -> System.out.println("      " + advice));
                    works &= report.works();
                }
            } catch (NoSuchFileException e) {
                throw new Failure("there is no file " + file, "ls " + file);
            } catch (IOException | IllegalArgumentException e) {
                throw new Failure(
                        file + " cannot be read: " + e.getMessage(), "kubectl create --dry-run=client -f " + file);
            }
        }
        return works ? 0 : 1;
    }

    private int machine() {
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
