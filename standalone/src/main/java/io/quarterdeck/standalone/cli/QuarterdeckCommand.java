package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.checks.Problem;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** {@code ./quarterdeck}. */
@Command(
        name = "quarterdeck",
        synopsisSubcommandLabel = "COMMAND",
        description = "Kubernetes on this machine.",
        subcommands = {
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            ResetCommand.class,
            TestCommand.class,
            ImageCommand.class,
            KubeconfigCommand.class,
            PkiCommand.class,
            LogsCommand.class,
            DoctorCommand.class,
            VersionCommand.class,
            CompletionCommand.class,
            ServeCommand.class,
        })
public final class QuarterdeckCommand implements Runnable {
    @CommandLine.Spec
    CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @CommandLine.Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "say what there is")
    boolean help;

    private QuarterdeckCommand() {}

    /** Runs one command line and returns its exit code. Whatever goes wrong is told in one line with a remedy. */
    public static int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new QuarterdeckCommand());
        line.setUsageHelpAutoWidth(true);
        line.setExecutionExceptionHandler((exception, command, _) -> {
            tell(command.getErr(), problem(exception));
            return 1;
        });
        line.setParameterExceptionHandler((exception, _) -> {
            CommandLine command = exception.getCommandLine();
            tell(command.getErr(), new Problem(firstLine(exception), helpFor(command)));
            return 2;
        });
        return line;
    }

    private static String firstLine(ParameterException exception) {
        return exception.getMessage() == null
                ? "bad arguments"
                : exception.getMessage().lines().findFirst().orElse("");
    }

    private static String helpFor(CommandLine command) {
        String name = command.getCommandSpec().qualifiedName(" ");
        return command() + name.substring("quarterdeck".length()) + " --help";
    }

    private static Problem problem(Exception exception) {
        if (exception instanceof Failure failure) {
            return failure.problem();
        }
        if (exception instanceof FileSystemException file && file.getReason() == null) {
            // Its message is the path alone.
            return new Problem("cannot use " + file.getFile() + why(file), "ls -ld " + file.getFile());
        }
        String message = exception.getMessage() == null ? exception.getClass().getSimpleName() : exception.getMessage();
        return new Problem(message.lines().findFirst().orElse(message), command() + " doctor");
    }

    private static String why(FileSystemException exception) {
        return switch (exception) {
            case AccessDeniedException _ -> ": permission denied";
            case NoSuchFileException _ -> ": no such file or directory";
            case FileAlreadyExistsException _ -> ": it exists already";
            default -> "";
        };
    }

    private static void tell(PrintWriter err, Problem problem) {
        err.println("error: " + problem.cause());
        err.println("  try: " + problem.remedy());
        err.flush();
    }

    /** How the user called the program, to be repeated in remedies. */
    static String command() {
        return System.getProperty("quarterdeck.command", "./quarterdeck");
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }
}
