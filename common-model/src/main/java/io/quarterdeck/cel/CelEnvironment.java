package io.quarterdeck.cel;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelReference;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelListsExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelStandardMacro;
import io.quarterdeck.cel.DeclType.Kind;
import io.quarterdeck.cel.DeclType.ListOf;
import io.quarterdeck.cel.DeclType.MapOf;
import io.quarterdeck.cel.DeclType.ObjectOf;
import io.quarterdeck.cel.DeclType.OptionalOf;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The variables that expressions may name, beside all functions of Kubernetes. Immutable and thread-safe; making one costs
 * about as much as compiling an expression.
 */
public final class CelEnvironment {

    /** The type of the {@code authorizer} variable. */
    public static final DeclType AUTHORIZER = new DeclType.Library("kubernetes.authorization.Authorizer");

    /** The type of the {@code authorizer.requestResource} variable. */
    public static final DeclType RESOURCE_CHECK = new DeclType.Library("kubernetes.authorization.ResourceCheck");

    private static final Set<CelListsExtensions.Function> LISTS =
            EnumSet.complementOf(EnumSet.of(CelListsExtensions.Function.SORT_BY));

    private static final CelOptions OPTIONS = CelOptions.current()
            .enableOptionalSyntax(true)
            .enableReservedIds(true)
            .enableTimestampEpoch(true)
            .enableHeterogeneousNumericComparisons(true)
            .enableQuotedIdentifierSyntax(false)
            .populateMacroCalls(false)
            .build();

    private final Map<String, DeclType> variables;
    private final Map<String, ObjectOf> objects = new LinkedHashMap<>();
    private final boolean mutations;
    private final boolean bindings;
    private final CelCompiler compiler;

    private CelEnvironment(Map<String, DeclType> variables, boolean mutations, boolean bindings) {
        this.bindings = bindings;
        this.variables = Map.copyOf(variables);
        this.mutations = mutations;
        this.variables.values().forEach(this::collect);
        this.compiler = compiler(ImmutableSet.of());
    }

    public static CelEnvironment of(Map<String, DeclType> variables) {
        return new CelEnvironment(variables, false, false);
    }

    /** With the types that mutations make: {@code Object{…}}, {@code JSONPatch{…}}. */
    public static CelEnvironment forMutations(Map<String, DeclType> variables) {
        return new CelEnvironment(variables, true, false);
    }

    /** With {@code cel.bind}, which upstream knows in the selectors of devices alone. */
    public static CelEnvironment withBindings(Map<String, DeclType> variables) {
        return new CelEnvironment(variables, false, true);
    }

    /** The same with other variables besides. */
    public CelEnvironment with(Map<String, DeclType> more) {
        Map<String, DeclType> all = new LinkedHashMap<>(variables);
        all.putAll(more);
        return new CelEnvironment(all, mutations, bindings);
    }

    private void collect(DeclType type) {
        switch (type) {
            case ObjectOf object -> {
                if (objects.putIfAbsent(object.name(), object) == null) {
                    object.fields().values().forEach(field -> collect(field.type()));
                }
            }
            case ListOf list -> collect(list.element());
            case MapOf map -> collect(map.value());
            case OptionalOf optional -> collect(optional.value());
            case DeclType.Scalar scalar -> {
                // Has no parts.
            }
            case DeclType.Library library -> {
                // Has no parts.
            }
        }
    }

    private CelCompiler compiler(ImmutableSet<String> mutatedFields) {
        CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addMacros(SortByMacro.macro())
                .addLibraries(
                        CelExtensions.optional(2),
                        CelExtensions.strings(
                                CelStringExtensions.Function.CHAR_AT,
                                CelStringExtensions.Function.INDEX_OF,
                                CelStringExtensions.Function.JOIN,
                                CelStringExtensions.Function.LAST_INDEX_OF,
                                CelStringExtensions.Function.LOWER_ASCII,
                                CelStringExtensions.Function.REPLACE,
                                CelStringExtensions.Function.SPLIT,
                                CelStringExtensions.Function.SUBSTRING,
                                CelStringExtensions.Function.TRIM,
                                CelStringExtensions.Function.UPPER_ASCII,
                                CelStringExtensions.Function.QUOTE),
                        CelExtensions.sets(OPTIONS),
                        CelExtensions.lists(LISTS),
                        CelExtensions.comprehensions())
                .addFunctionDeclarations(LibraryDeclarations.base())
                .setTypeProvider(
                        new NamedTypes(Map.copyOf(objects), mutations ? Optional.of(mutatedFields) : Optional.empty()));
        if (bindings) {
            builder.addLibraries(CelExtensions.bindings());
        }
        if (mutations) {
            builder.addFunctionDeclarations(LibraryDeclarations.mutations());
        }
        variables.forEach((name, type) -> builder.addVar(name, celType(type)));
        return builder.build();
    }

    static CelType celType(DeclType type) {
        return switch (type) {
            case DeclType.Scalar scalar ->
                switch (scalar.kind()) {
                    case BOOL -> SimpleType.BOOL;
                    case INT -> SimpleType.INT;
                    case DOUBLE -> SimpleType.DOUBLE;
                    case STRING -> SimpleType.STRING;
                    case BYTES -> SimpleType.BYTES;
                    case DURATION -> SimpleType.DURATION;
                    case TIMESTAMP, DATE -> SimpleType.TIMESTAMP;
                    case DYN -> SimpleType.DYN;
                    case ANY -> SimpleType.ANY;
                    case UINT -> SimpleType.UINT;
                    case NULL -> SimpleType.NULL_TYPE;
                };
            case ListOf list -> ListType.create(celType(list.element()));
            case MapOf map -> MapType.create(SimpleType.STRING, celType(map.value()));
            case ObjectOf object -> StructTypeReference.create(object.name());
            case OptionalOf optional -> OptionalType.create(celType(optional.value()));
            case DeclType.Library library -> OpaqueType.create(library.name());
        };
    }

    private DeclType declType(CelType type) {
        return switch (type.kind()) {
            case BOOL -> DeclType.BOOL;
            case INT -> DeclType.INT;
            case UINT -> new DeclType.Scalar(Kind.UINT, 0, 1);
            case NULL_TYPE -> new DeclType.Scalar(Kind.NULL, 0, 4);
            case DOUBLE -> DeclType.DOUBLE;
            case STRING -> DeclType.STRING;
            case BYTES -> new DeclType.Scalar(Kind.BYTES, DeclType.MAX_REQUEST_BYTES - 2, 2);
            case DURATION -> new DeclType.Scalar(Kind.DURATION, 32, 3);
            case TIMESTAMP -> DeclType.TIMESTAMP;
            case LIST -> DeclType.listOf(declType(((ListType) type).elemType()));
            case MAP ->
                ((MapType) type).keyType().equals(SimpleType.STRING)
                        ? DeclType.mapOf(declType(((MapType) type).valueType()))
                        : DeclType.DYN;
            case STRUCT -> objects.containsKey(type.name()) ? objects.get(type.name()) : DeclType.DYN;
            case OPAQUE -> type.parameters().isEmpty() ? new DeclType.Library(type.name()) : DeclType.DYN;
            case ANY -> DeclType.ANY;
            default -> DeclType.DYN;
        };
    }

    /**
     * @throws CelCompilationException when the expression cannot be read, or its types do not fit
     */
    public CelProgram compile(String expression) throws CelCompilationException {
        CelAbstractSyntaxTree ast = check(expression);
        Planner planner = new Planner(ast);
        Planner.Step step = planner.plan();
        ConstantCalls.check(ast);
        return new CelProgram(
                expression,
                declType(ast.getResultType()),
                typeName(ast.getResultType()),
                new CostEstimator(ast, variables).estimate(),
                step,
                planner.slots(),
                ast.getReferenceMap().values().stream()
                        .map(CelReference::name)
                        .filter(variables::containsKey)
                        .collect(Collectors.toUnmodifiableSet()),
                Selections.of(ast));
    }

    /**
     * The type of the expression's value, without making it ready to be evaluated.
     *
     * @throws CelCompilationException when the expression cannot be read, or its types do not fit
     */
    public DeclType typeOf(String expression) throws CelCompilationException {
        return declType(check(expression).getResultType());
    }

    private static String typeName(CelType type) {
        String name = CelTypes.format(type);
        return name.equals("null") ? "null_type" : name;
    }

    /**
     * @param expected the names of types that the value may have ({@code bool}, {@code null_type})
     * @throws CelCompilationException also when the expression is of another type
     */
    public CelProgram compile(String expression, List<String> expected) throws CelCompilationException {
        CelProgram program = compile(expression);
        if (!expected.contains(program.typeName())) {
            throw new CelCompilationException(
                    expected.size() == 1
                            ? "must evaluate to %s but got %s".formatted(expected.getFirst(), program.typeName())
                            : "must evaluate to one of [%s] but got %s"
                                    .formatted(String.join(" ", expected), program.typeName()));
        }
        return program;
    }

    private CelAbstractSyntaxTree check(String expression) throws CelCompilationException {
        CelValidationResult result;
        try {
            CelValidationResult parsed = compiler.parse(expression);
            result = parsed.hasError() ? parsed : checker(parsed.getAst()).check(parsed.getAst());
            if (!result.hasError()) {
                CelAbstractSyntaxTree ast = result.getAst();
                List<CelIssue> literals = LiteralRules.findings(ast);
                if (!literals.isEmpty()) {
                    throw failed(literals, result);
                }
                return ast;
            }
        } catch (CelValidationException e) {
            throw CelCompilationException.of(String.valueOf(e.getMessage()));
        }
        throw failed(result.getErrors(), result);
    }

    private CelCompiler checker(CelAbstractSyntaxTree parsed) {
        return mutations ? compiler(MutationTypes.fieldsSet(parsed)) : compiler;
    }

    private static CelCompilationException failed(List<CelIssue> issues, CelValidationResult result) {
        List<String> shown = new ArrayList<>();
        issues.forEach(
                issue -> shown.add(Issues.asUpstream(issue, result.getSource()).toDisplayString(result.getSource())));
        return CelCompilationException.of(shown.stream().distinct().collect(Collectors.joining("\n")));
    }
}
