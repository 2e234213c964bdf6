/**
 * Expressions of the Common Expression Language as Kubernetes has them: its types, functions and costs.
 *
 * <p>{@link io.quarterdeck.cel.CelEnvironment} says which variables there are and compiles; {@link
 * io.quarterdeck.cel.CelProgram} is evaluated any number of times; {@link io.quarterdeck.cel.DeclType} is what a
 * schema becomes ({@link io.quarterdeck.cel.SchemaTypes} makes it); {@link io.quarterdeck.cel.CelValues} lays such
 * a type over a JSON tree without copying it. Parsing and type checking are dev.cel's; evaluation is here, because only so
 * can each step be paid for.
 */
@NullMarked
package io.quarterdeck.cel;

import org.jspecify.annotations.NullMarked;
