package io.quarterdeck.standalone.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a completion script. */
@Command(name = "completion", description = "print a completion script: source <(./quarterdeck completion bash)")
final class CompletionCommand implements Runnable {
    enum ShellName {
        bash,
        zsh
    }

    @Parameters(paramLabel = "bash|zsh", description = "the shell")
    ShellName shell = ShellName.bash;

    @Override
    public void run() {
        // The script that picocli writes serves bash, and zsh through its own emulation of bash's completion.
        if (shell == ShellName.zsh) {
            System.out.println("autoload -U +X compinit && compinit");
            System.out.println("autoload -U +X bashcompinit && bashcompinit");
        }
        System.out.println(AutoComplete.bash("quarterdeck", QuarterdeckCommand.commandLine()));
        System.out.println("complete -F _complete_quarterdeck -o default ./quarterdeck");
    }
}
