package io.quarterdeck.cel;

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

    /** Types of which nothing became known: those of an empty list's elements. */
    private static final Pattern UNBOUND = Pattern.compile("%(?:elem|key|value)\\d+");

    /** Types of Kubernetes' libraries; they count as objects there, of which nothing is known. */
    private static final Pattern OPAQUE =
            Pattern.compile("^type ('(?:kubernetes|net)\\.[^']*') does not support field selection$");

    private Issues() {}

    static CelIssue asUpstream(CelIssue issue, CelSource source) {
        String message = CANDIDATES.matcher(issue.getMessage()).replaceFirst("");
        message = UNBOUND.matcher(message).replaceAll("dyn");
        if (message.equals("The argument must be a simple name")) {
            message = "argument must be a simple name";
        }
        if (SYNTAX.stream().anyMatch(message::startsWith)) {
            message = "Syntax error: " + message;
        }
        message = OPAQUE.matcher(message.replace("google.protobuf.Timestamp", "timestamp")
                        .replace("google.protobuf.Duration", "duration"))
                .replaceFirst("unexpected failed resolution of $1");
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
