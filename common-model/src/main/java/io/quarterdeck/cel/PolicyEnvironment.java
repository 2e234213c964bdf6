package io.quarterdeck.cel;

import static io.quarterdeck.cel.DeclType.field;

import io.quarterdeck.cel.DeclType.DeclField;
import io.quarterdeck.cel.DeclType.Library;
import io.quarterdeck.cel.DeclType.ListOf;
import io.quarterdeck.cel.DeclType.MapOf;
import io.quarterdeck.cel.DeclType.ObjectOf;
import io.quarterdeck.cel.DeclType.OptionalOf;
import io.quarterdeck.cel.DeclType.Scalar;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which variables the expressions of policies and match conditions may name. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Validating Admission Policy" and "Mutating Admission Policy".
 */
public final class PolicyEnvironment {

    /** The type of the {@code variables} variable. */
    static final String VARIABLES = "kubernetes.variables";

    private static final Map<Offered, CelEnvironment> PREPARED = new ConcurrentHashMap<>();

    private PolicyEnvironment() {}

    /** What an expression is offered besides object, oldObject, request and namespaceObject. */
    record Offered(boolean params, boolean authorizer, boolean mutations) {}

    /**
     * @param params whether the policy has a paramKind
     * @param authorizer whether the expression may ask what somebody may do
     */
    public static CelEnvironment of(boolean params, boolean authorizer) {
        return prepared(new Offered(params, authorizer, false));
    }

    /** For the mutations of a MutatingAdmissionPolicy. */
    public static CelEnvironment forMutations(boolean params) {
        return prepared(new Offered(params, true, true));
    }

    /**
     * For looking at expressions with the types of what they will meet; upstream leaves out what the request is about
     * ({@code authorizer.requestResource}).
     *
     * @param object of the object and of what it was before
     * @param params of the parameters; empty where the policy has none
     */
    public static CelEnvironment typed(DeclType object, Optional<DeclType> params) {
        Map<String, DeclType> variables = new LinkedHashMap<>();
        variables.put("object", object);
        variables.put("oldObject", object);
        variables.put("request", Types.REQUEST);
        variables.put("namespaceObject", Types.NAMESPACE);
        variables.put("authorizer", CelEnvironment.AUTHORIZER);
        params.ifPresent(type -> variables.put("params", type));
        return CelEnvironment.of(variables);
    }

    /** {@code environment} with the variables that a policy has defined so far. */
    public static CelEnvironment withVariables(CelEnvironment environment, Map<String, DeclType> variables) {
        Map<String, DeclField> fields = new LinkedHashMap<>();
        variables.forEach((name, type) -> fields.put(name, field(name, remembered(type))));
        return environment.with(Map.of("variables", new ObjectOf(VARIABLES, fields)));
    }

    /** What is remembered of a variable's type: upstream forgets the fields of objects, and what libraries made. */
    private static DeclType remembered(DeclType type) {
        return switch (type) {
            case Scalar scalar -> scalar;
            case ListOf list -> DeclType.listOf(remembered(list.element()));
            case MapOf map -> DeclType.mapOf(remembered(map.value()));
            case ObjectOf object -> DeclType.DYN;
            case OptionalOf optional -> DeclType.DYN;
            case Library library -> DeclType.DYN;
        };
    }

    private static CelEnvironment prepared(Offered offered) {
        return PREPARED.computeIfAbsent(offered, PolicyEnvironment::prepare);
    }

    private static CelEnvironment prepare(Offered offered) {
        Map<String, DeclType> variables = new LinkedHashMap<>();
        variables.put("object", DeclType.DYN);
        variables.put("oldObject", DeclType.DYN);
        variables.put("request", Types.REQUEST);
        variables.put("namespaceObject", Types.NAMESPACE);
        if (offered.params()) {
            variables.put("params", DeclType.DYN);
        }
        if (offered.authorizer()) {
            variables.put("authorizer", CelEnvironment.AUTHORIZER);
            variables.put("authorizer.requestResource", CelEnvironment.RESOURCE_CHECK);
        }
        return offered.mutations() ? CelEnvironment.forMutations(variables) : CelEnvironment.of(variables);
    }

    /** What can be seen of requests and namespaces. */
    public static final class Types {

        public static final DeclType REQUEST;
        public static final DeclType NAMESPACE;

        static {
            DeclType text = DeclType.STRING;
            DeclType texts = DeclType.listOf(text);
            DeclType labels = DeclType.mapOf(text);
            DeclType kind = object("kubernetes.GroupVersionKind", "group", text, "version", text, "kind", text);
            DeclType resource =
                    object("kubernetes.GroupVersionResource", "group", text, "version", text, "resource", text);
            DeclType user = object(
                    "kubernetes.UserInfo",
                    "username",
                    text,
                    "uid",
                    text,
                    "groups",
                    texts,
                    "extra",
                    DeclType.mapOf(texts));
            REQUEST = object(
                    "kubernetes.AdmissionRequest",
                    "kind",
                    kind,
                    "resource",
                    resource,
                    "subResource",
                    text,
                    "requestKind",
                    kind,
                    "requestResource",
                    resource,
                    "requestSubResource",
                    text,
                    "name",
                    text,
                    "namespace",
                    text,
                    "operation",
                    text,
                    "userInfo",
                    user,
                    "dryRun",
                    DeclType.BOOL,
                    "options",
                    DeclType.DYN);
            DeclType time = DeclType.TIMESTAMP;
            DeclType condition = object(
                    "kubernetes.NamespaceCondition",
                    "status",
                    text,
                    "type",
                    text,
                    "lastTransitionTime",
                    time,
                    "message",
                    text,
                    "reason",
                    text);
            DeclType metadata = object(
                    "kubernetes.NamespaceMetadata",
                    "name",
                    text,
                    "generateName",
                    text,
                    "namespace",
                    text,
                    "labels",
                    labels,
                    "annotations",
                    labels,
                    "UID",
                    text,
                    "creationTimestamp",
                    time,
                    "deletionGracePeriodSeconds",
                    DeclType.INT,
                    "deletionTimestamp",
                    time,
                    "generation",
                    DeclType.INT,
                    "resourceVersion",
                    text,
                    "finalizers",
                    texts);
            NAMESPACE = object(
                    "kubernetes.Namespace",
                    "metadata",
                    metadata,
                    "spec",
                    object("kubernetes.NamespaceSpec", "finalizers", texts),
                    "status",
                    object("kubernetes.NamespaceStatus", "conditions", DeclType.listOf(condition), "phase", text));
        }

        private Types() {}

        private static DeclType object(String name, Object... namesAndTypes) {
            Map<String, DeclField> fields = new LinkedHashMap<>();
            for (int i = 0; i < namesAndTypes.length; i += 2) {
                String field = (String) namesAndTypes[i];
                fields.put(field, new DeclField(field.equals("UID") ? "uid" : field, (DeclType) namesAndTypes[i + 1]));
            }
            return new ObjectOf(name, fields);
        }
    }
}
