package io.quarterdeck.cel;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelIssue;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import java.util.Optional;

/**
 * {@code list.sortBy(e, key)}: becomes a call with the list and the list of its keys. dev.cel's own macro pairs keys with
 * elements in one list, which is no list where literals have elements of one type.
 */
final class SortByMacro {

    static final String FUNCTION = "@sortByAssociatedKeys";

    private SortByMacro() {}

    static CelMacro macro() {
        return CelMacro.newReceiverMacro("sortBy", 2, SortByMacro::expand);
    }

    private static Optional<CelExpr> expand(CelMacroExprFactory make, CelExpr list, ImmutableList<CelExpr> arguments) {
        CelExpr variable = arguments.get(0);
        if (variable.getKind() != Kind.IDENT) {
            return Optional.of(make.reportError(CelIssue.formatError(
                    make.getSourceLocation(variable), "sortBy(var, ...) variable name must be a simple identifier")));
        }
        String keys = make.getAccumulatorVarName();
        CelExpr step = make.newGlobalCall("_+_", make.newIdentifier(keys), make.newList(arguments.get(1)));
        CelExpr allKeys = make.fold(
                variable.ident().name(),
                list,
                keys,
                make.newList(),
                make.newBoolLiteral(true),
                step,
                make.newIdentifier(keys));
        return Optional.of(make.newReceiverCall(FUNCTION, make.copy(list), allKeys));
    }
}
