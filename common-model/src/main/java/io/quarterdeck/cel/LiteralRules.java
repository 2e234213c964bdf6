package io.quarterdeck.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.ast.CelExprVisitor;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.SimpleType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Literals that can never work: durations, times and regular expressions that cannot be read, lists and maps of values that
 * are not all of one type, unless these are to be formatted. Pure.
 */
final class LiteralRules extends CelExprVisitor {

    private static final Comparator<CelIssue> IN_ORDER = Comparator.comparing(
                    CelIssue::getSourceLocation, Comparator.comparingInt(CelSourceLocation::getLine))
            .thenComparing(CelIssue::getSourceLocation, Comparator.comparingInt(CelSourceLocation::getColumn));

    private final CelAbstractSyntaxTree ast;
    private final List<CelIssue> findings = new ArrayList<>();
    private int formats;

    private LiteralRules(CelAbstractSyntaxTree ast) {
        this.ast = ast;
    }

    static List<CelIssue> findings(CelAbstractSyntaxTree ast) {
        LiteralRules rules = new LiteralRules(ast);
        rules.visit(ast.getExpr());
        rules.findings.sort(IN_ORDER);
        return rules.findings;
    }

    @Override
    protected void visit(CelExpr expression, CelExpr.CelCall call) {
        boolean format = call.function().equals("format");
        formats += format ? 1 : 0;
        super.visit(expression, call);
        formats -= format ? 1 : 0;
        if (call.args().size() == 1 && isText(call.args().getFirst()) && !isGood(call)) {
            report(call.args().getFirst(), "invalid %s argument".formatted(call.function()));
        }
    }

    @Override
    protected void visit(CelExpr expression, CelExpr.CelList list) {
        super.visit(expression, list);
        for (int i = 1; i < list.elements().size(); i++) {
            CelType first =
                    type(list.elements().getFirst(), list.optionalIndices().contains(0));
            if (!isAlike(first, list.elements().get(i), list.optionalIndices().contains(i))) {
                return;
            }
        }
    }

    @Override
    protected void visit(CelExpr expression, CelExpr.CelMap map) {
        super.visit(expression, map);
        for (CelExpr.CelMap.Entry entry : map.entries()) {
            CelExpr.CelMap.Entry first = map.entries().getFirst();
            isAlike(type(first.key(), false), entry.key(), false);
            isAlike(type(first.value(), first.optionalEntry()), entry.value(), entry.optionalEntry());
        }
    }

    private boolean isAlike(CelType expected, CelExpr value, boolean optional) {
        CelType found = type(value, optional);
        if (formats > 0 || found.equals(expected)) {
            return true;
        }
        report(value, "expected type '%s' but found '%s'".formatted(CelTypes.format(expected), CelTypes.format(found)));
        return false;
    }

    private CelType type(CelExpr value, boolean optional) {
        CelType type = ast.getType(value.id()).orElse(SimpleType.DYN);
        return optional && !type.parameters().isEmpty() ? type.parameters().getFirst() : type;
    }

    private void report(CelExpr where, String what) {
        int offset = ast.getSource().getPositionsMap().getOrDefault(where.id(), 0);
        CelSourceLocation at = ast.getSource().getOffsetLocation(offset).orElse(CelSourceLocation.NONE);
        findings.add(CelIssue.formatError(at, what));
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
                case "timestamp" -> Times.literal(text);
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
