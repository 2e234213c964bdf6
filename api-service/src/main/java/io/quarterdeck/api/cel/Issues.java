package io.quarterdeck.api.cel;

import dev.cel.common.CelIssue;
import dev.cel.common.CelSource;
import dev.cel.common.CelSourceLocation;
import java.util.List;
import java.util.regex.Pattern;

/** Compile errors in the words of cel-go, which people know from Kubernetes. Pure. */
final class Issues {

    private static final List<String> SYNTAX = List.of(
            "mismatched input", "extraneous input", "missing ", "no viable alternative", "token recognition error");

    private static final Pattern CANDIDATES = Pattern.compile(" \\(candidates: .*\\)$");

    private Issues() {}

    static CelIssue asUpstream(CelIssue issue, CelSource source) {
        String message = CANDIDATES.matcher(issue.getMessage()).replaceFirst("");
        if (SYNTAX.stream().anyMatch(message::startsWith)) {
            message = "Syntax error: " + message;
        }
        CelSourceLocation at = issue.getSourceLocation();
        if (message.equals("invalid argument to has() macro")) {
            at = firstArgument(at, source);
        }
        return CelIssue.formatError(issue.getExprId(), at, message);
    }

    /** @param call where the opening parenthesis is */
    private static CelSourceLocation firstArgument(CelSourceLocation call, CelSource source) {
        String line = source.getSnippet(call.getLine()).orElse("");
        int column = call.getColumn() + 1;
        while (column < line.length() && line.charAt(column) == ' ') {
            column++;
        }
        return CelSourceLocation.of(call.getLine(), column);
    }
}
