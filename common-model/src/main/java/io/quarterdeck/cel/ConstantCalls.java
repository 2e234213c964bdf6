package io.quarterdeck.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.ast.CelExprVisitor;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Calls whose outcome is known before an expression runs: conversions of constants, and searches for constant patterns. Those
 * that fail make the expression unusable.
 *
 * <p>Source: cel-go, interpreter/decorators; apiserver, library.ExtensionLibRegexOptimizations.
 */
final class ConstantCalls extends CelExprVisitor {

    private static final Set<String> CONVERSIONS =
            Set.of("bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint");
    private static final Set<String> SEARCHES = Set.of("find", "findAll");

    private @Nullable String failure;

    private ConstantCalls() {}

    /** @throws CelCompilationException when a call can only fail */
    static void check(CelAbstractSyntaxTree ast) throws CelCompilationException {
        ConstantCalls calls = new ConstantCalls();
        calls.visit(ast.getExpr());
        if (calls.failure != null) {
            throw new CelCompilationException("program instantiation failed: " + calls.failure);
        }
    }

    @Override
    protected void visit(CelExpr expression, CelCall call) {
        super.visit(expression, call);
        if (failure != null || call.args().isEmpty() || call.args().getFirst().getKind() != Kind.CONSTANT) {
            return;
        }
        CelConstant constant = call.args().getFirst().constant();
        try {
            if (call.target().isEmpty() && call.args().size() == 1 && CONVERSIONS.contains(call.function())) {
                Functions.named(call.function()).apply(Planner.value(constant));
            } else if (call.target().isPresent() && SEARCHES.contains(call.function())) {
                Functions.named("find").apply("", Planner.value(constant));
            }
        } catch (CelEvaluationException fails) {
            failure = fails.getMessage();
        }
    }
}
