package io.quarterdeck.cel;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExprVisitor;

/** The fields of variables that an expression looks at: {@code claims.email}, also where it asks whether they are there. */
final class Selections {

    private static final String OPTIONAL_SELECT = "_?._";

    private Selections() {}

    static ImmutableSet<String> of(CelAbstractSyntaxTree ast) {
        ImmutableSet.Builder<String> found = ImmutableSet.builder();
        new CelExprVisitor() {
            @Override
            protected void visit(CelExpr expression, CelExpr.CelSelect select) {
                super.visit(expression, select);
                note(select.operand(), select.field());
            }

            @Override
            protected void visit(CelExpr expression, CelExpr.CelCall call) {
                super.visit(expression, call);
                if (call.function().equals(OPTIONAL_SELECT)
                        && call.args().size() == 2
                        && call.args().get(1).constantOrDefault().getKind() == CelConstant.Kind.STRING_VALUE) {
                    note(
                            call.args().get(0),
                            call.args().get(1).constantOrDefault().stringValue());
                }
            }

            private void note(CelExpr operand, String field) {
                if (operand.getKind() == CelExpr.ExprKind.Kind.IDENT) {
                    found.add(operand.ident().name() + "." + field);
                }
            }
        }.visit(ast.getExpr());
        return found.build();
    }
}
