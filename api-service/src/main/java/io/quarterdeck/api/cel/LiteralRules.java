package io.quarterdeck.api.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.ast.CelExprVisitor;
import java.util.ArrayList;
import java.util.List;

/** Literals that can never work: durations, times and regular expressions that cannot be read. Pure. */
final class LiteralRules {

    private LiteralRules() {}

    static List<CelIssue> findings(CelAbstractSyntaxTree ast) {
        List<CelIssue> findings = new ArrayList<>();
        new CelExprVisitor() {
            @Override
            protected void visit(CelExpr expression, CelExpr.CelCall call) {
                super.visit(expression, call);
                if (call.args().size() == 1 && isText(call.args().getFirst()) && !isGood(call)) {
                    CelExpr argument = call.args().getFirst();
                    int offset = ast.getSource().getPositionsMap().getOrDefault(argument.id(), 0);
                    CelSourceLocation at =
                            ast.getSource().getOffsetLocation(offset).orElse(CelSourceLocation.NONE);
                    findings.add(CelIssue.formatError(at, "invalid %s argument".formatted(call.function())));
                }
            }
        }.visit(ast.getExpr());
        return findings;
    }

    private static boolean isText(CelExpr expression) {
        return expression.getKind() == Kind.CONSTANT
                && expression.constant().getKind() == CelConstant.Kind.STRING_VALUE;
    }

    private static boolean isGood(CelExpr.CelCall call) {
        String text = call.args().getFirst().constant().stringValue();
        try {
            switch (call.function()) {
                case "duration" -> Times.duration(text);
                case "timestamp" -> Times.timestamp(text);
                case "matches" -> {
                    return TextFunctions.isRegex(text);
                }
                default -> {
                    return true;
                }
            }
            return true;
        } catch (CelEvaluationException e) {
            return false;
        }
    }
}
