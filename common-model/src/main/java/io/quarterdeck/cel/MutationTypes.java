package io.quarterdeck.cel;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExprVisitor;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.Map;
import java.util.Optional;

/**
 * What mutations make: {@code JSONPatch}, and {@code Object} with every path under it, whose fields are not checked before
 * they are applied.
 *
 * <p>Source: KEP-3962.
 */
final class MutationTypes {

    private static final Map<String, CelType> JSON_PATCH = Map.of(
            "op", SimpleType.STRING, "path", SimpleType.STRING, "from", SimpleType.STRING, "value", SimpleType.DYN);

    private MutationTypes() {}

    static ImmutableSet<String> fieldsSet(CelAbstractSyntaxTree ast) {
        ImmutableSet.Builder<String> fields = ImmutableSet.builder();
        new CelExprVisitor() {
            @Override
            protected void visit(CelExpr expression, CelExpr.CelStruct struct) {
                super.visit(expression, struct);
                struct.entries().forEach(entry -> fields.add(entry.fieldKey()));
            }
        }.visit(ast.getExpr());
        return fields.build();
    }

    /** @param fields the names of all fields that the expression sets: any of them may be set */
    static Optional<CelType> find(String name, ImmutableSet<String> fields) {
        if (name.equals("JSONPatch")) {
            return Optional.of(StructType.create(
                    name,
                    ImmutableSet.copyOf(JSON_PATCH.keySet()),
                    field -> Optional.ofNullable(JSON_PATCH.get(field))));
        }
        return name.equals("Object") || name.startsWith("Object.")
                ? Optional.of(StructType.create(name, fields, field -> Optional.of(SimpleType.DYN)))
                : Optional.empty();
    }
}
