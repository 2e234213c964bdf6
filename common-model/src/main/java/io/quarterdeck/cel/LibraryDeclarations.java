package io.quarterdeck.cel;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions that Kubernetes adds, by their types.
 *
 * <p>Source: Kubernetes documentation, "Common Expression Language in Kubernetes".
 */
final class LibraryDeclarations {

    static final CelType URL = OpaqueType.create("kubernetes.URL");
    static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");
    static final CelType IP = OpaqueType.create("net.IP");
    static final CelType CIDR = OpaqueType.create("net.CIDR");
    static final CelType FORMAT = OpaqueType.create("kubernetes.NamedFormat");
    static final CelType SEMVER = OpaqueType.create("kubernetes.Semver");
    static final CelType AUTHORIZER = OpaqueType.create("kubernetes.authorization.Authorizer");
    static final CelType PATH_CHECK = OpaqueType.create("kubernetes.authorization.PathCheck");
    static final CelType GROUP_CHECK = OpaqueType.create("kubernetes.authorization.GroupCheck");
    static final CelType RESOURCE_CHECK = OpaqueType.create("kubernetes.authorization.ResourceCheck");
    static final CelType DECISION = OpaqueType.create("kubernetes.authorization.Decision");

    private static final CelType STRING = SimpleType.STRING;
    private static final CelType BOOL = SimpleType.BOOL;
    private static final CelType INT = SimpleType.INT;

    private final Map<String, List<CelOverloadDecl>> overloads = new LinkedHashMap<>();

    private LibraryDeclarations() {}

    /** All that every expression of Kubernetes may call. */
    static List<CelFunctionDecl> base() {
        LibraryDeclarations all = new LibraryDeclarations();
        all.lists();
        all.text();
        all.url();
        all.quantity();
        all.network();
        all.formats();
        all.semver();
        all.authorizer();
        all.conversions();
        return all.functions();
    }

    /** What only mutations call. */
    static List<CelFunctionDecl> mutations() {
        LibraryDeclarations all = new LibraryDeclarations();
        all.global("jsonpatch.escapeKey", "string_jsonpatch_escapeKey_string", STRING, STRING);
        return all.functions();
    }

    private List<CelFunctionDecl> functions() {
        List<CelFunctionDecl> functions = new ArrayList<>();
        overloads.forEach((name, of) -> functions.add(CelFunctionDecl.newFunctionDeclaration(name, of)));
        return functions;
    }

    private void member(String name, String id, CelType result, CelType... receiverAndParameters) {
        overloads
                .computeIfAbsent(name, any -> new ArrayList<>())
                .add(CelOverloadDecl.newMemberOverload(id, result, List.of(receiverAndParameters)));
    }

    private void global(String name, String id, CelType result, CelType... parameters) {
        overloads
                .computeIfAbsent(name, any -> new ArrayList<>())
                .add(CelOverloadDecl.newGlobalOverload(id, result, List.of(parameters)));
    }

    /** What CEL in Go has beside CEL in Java. */
    private void conversions() {
        global("int", "duration_to_int64", INT, SimpleType.DURATION);
        global("duration", "int64_to_duration", SimpleType.DURATION, INT);
        TypeParamType value = TypeParamType.create("T");
        member("unwrapOpt", "optional_unwrapOpt", ListType.create(value), ListType.create(OptionalType.create(value)));
    }

    private void lists() {
        Map<String, CelType> summable = new LinkedHashMap<>();
        summable.put("int", INT);
        summable.put("uint", SimpleType.UINT);
        summable.put("double", SimpleType.DOUBLE);
        summable.put("duration", SimpleType.DURATION);
        Map<String, CelType> comparable = new LinkedHashMap<>(summable);
        comparable.put("bool", BOOL);
        comparable.put("timestamp", SimpleType.TIMESTAMP);
        comparable.put("string", STRING);
        comparable.put("bytes", SimpleType.BYTES);
        comparable.forEach((name, type) -> {
            ListType list = ListType.create(type);
            member("isSorted", "list_%s_is_sorted_bool".formatted(name), BOOL, list);
            member("max", "list_%1$s_max_%1$s".formatted(name), type, list);
            member("min", "list_%1$s_min_%1$s".formatted(name), type, list);
        });
        summable.forEach(
                (name, type) -> member("sum", "list_%1$s_sum_%1$s".formatted(name), type, ListType.create(type)));
        TypeParamType element = TypeParamType.create("A");
        TypeParamType key = TypeParamType.create("K");
        member(
                SortByMacro.FUNCTION,
                "list_sort_by_associated_keys",
                ListType.create(element),
                ListType.create(element),
                ListType.create(key));
        member("indexOf", "list_a_index_of_int", INT, ListType.create(element), element);
        member("lastIndexOf", "list_a_last_index_of_int", INT, ListType.create(element), element);
    }

    private void text() {
        member("find", "string_find_string", STRING, STRING, STRING);
        member("findAll", "string_find_all_string", ListType.create(STRING), STRING, STRING);
        member("findAll", "string_find_all_string_int", ListType.create(STRING), STRING, STRING, INT);
        member("format", "string_format", STRING, STRING, ListType.create(SimpleType.DYN));
    }

    private void url() {
        global("url", "string_to_url", URL, STRING);
        global("isURL", "is_url_string", BOOL, STRING);
        member("getScheme", "url_get_scheme", STRING, URL);
        member("getHost", "url_get_host", STRING, URL);
        member("getHostname", "url_get_hostname", STRING, URL);
        member("getPort", "url_get_port", STRING, URL);
        member("getEscapedPath", "url_get_escaped_path", STRING, URL);
        member("getQuery", "url_get_query", MapType.create(STRING, ListType.create(STRING)), URL);
    }

    private void quantity() {
        global("quantity", "string_to_quantity", QUANTITY, STRING);
        global("isQuantity", "is_quantity_string", BOOL, STRING);
        global("sign", "quantity_sign", INT, QUANTITY);
        member("isGreaterThan", "quantity_is_greater_than", BOOL, QUANTITY, QUANTITY);
        member("isLessThan", "quantity_is_less_than", BOOL, QUANTITY, QUANTITY);
        member("compareTo", "quantity_compare_to", INT, QUANTITY, QUANTITY);
        member("asApproximateFloat", "quantity_get_float", SimpleType.DOUBLE, QUANTITY);
        member("asInteger", "quantity_get_int", INT, QUANTITY);
        member("isInteger", "quantity_is_integer", BOOL, QUANTITY);
        member("add", "quantity_add", QUANTITY, QUANTITY, QUANTITY);
        member("add", "quantity_add_int", QUANTITY, QUANTITY, INT);
        member("sub", "quantity_sub", QUANTITY, QUANTITY, QUANTITY);
        member("sub", "quantity_sub_int", QUANTITY, QUANTITY, INT);
    }

    private void network() {
        global("ip", "string_to_ip", IP, STRING);
        global("isIP", "is_ip", BOOL, STRING);
        global("ip.isCanonical", "ip_is_canonical", BOOL, STRING);
        global("string", "ip_to_string", STRING, IP);
        member("family", "ip_family", INT, IP);
        member("isUnspecified", "ip_is_unspecified", BOOL, IP);
        member("isLoopback", "ip_is_loopback", BOOL, IP);
        member("isLinkLocalMulticast", "ip_is_link_local_multicast", BOOL, IP);
        member("isLinkLocalUnicast", "ip_is_link_local_unicast", BOOL, IP);
        member("isGlobalUnicast", "ip_is_global_unicast", BOOL, IP);
        global("cidr", "string_to_cidr", CIDR, STRING);
        global("isCIDR", "is_cidr", BOOL, STRING);
        global("string", "cidr_to_string", STRING, CIDR);
        member("containsIP", "cidr_contains_ip_string", BOOL, CIDR, STRING);
        member("containsIP", "cidr_contains_ip_ip", BOOL, CIDR, IP);
        member("containsCIDR", "cidr_contains_cidr_string", BOOL, CIDR, STRING);
        member("containsCIDR", "cidr_contains_cidr", BOOL, CIDR, CIDR);
        member("ip", "cidr_ip", IP, CIDR);
        member("prefixLength", "cidr_prefix_length", INT, CIDR);
        member("masked", "cidr_masked", CIDR, CIDR);
    }

    private void formats() {
        global("format.named", "format-named", OptionalType.create(FORMAT), STRING);
        member("validate", "format-validate", OptionalType.create(ListType.create(STRING)), FORMAT, STRING);
        for (NamedFormat format : NamedFormat.values()) {
            String name = "format." + format.shown();
            global(name, name, FORMAT);
        }
    }

    private void semver() {
        global("semver", "string_to_semver", SEMVER, STRING);
        global("semver", "string_bool_to_semver", SEMVER, STRING, BOOL);
        global("isSemver", "is_semver_string", BOOL, STRING);
        global("isSemver", "is_semver_string_bool", BOOL, STRING, BOOL);
        member("isGreaterThan", "semver_is_greater_than", BOOL, SEMVER, SEMVER);
        member("isLessThan", "semver_is_less_than", BOOL, SEMVER, SEMVER);
        member("compareTo", "semver_compare_to", INT, SEMVER, SEMVER);
        member("major", "semver_major", INT, SEMVER);
        member("minor", "semver_minor", INT, SEMVER);
        member("patch", "semver_patch", INT, SEMVER);
    }

    private void authorizer() {
        member("path", "authorizer_path", PATH_CHECK, AUTHORIZER, STRING);
        member("group", "authorizer_group", GROUP_CHECK, AUTHORIZER, STRING);
        member("serviceAccount", "authorizer_serviceaccount", AUTHORIZER, AUTHORIZER, STRING, STRING);
        member("resource", "groupcheck_resource", RESOURCE_CHECK, GROUP_CHECK, STRING);
        member("subresource", "resourcecheck_subresource", RESOURCE_CHECK, RESOURCE_CHECK, STRING);
        member("namespace", "resourcecheck_namespace", RESOURCE_CHECK, RESOURCE_CHECK, STRING);
        member("name", "resourcecheck_name", RESOURCE_CHECK, RESOURCE_CHECK, STRING);
        member("fieldSelector", "authorizer_fieldselector", RESOURCE_CHECK, RESOURCE_CHECK, STRING);
        member("labelSelector", "authorizer_labelselector", RESOURCE_CHECK, RESOURCE_CHECK, STRING);
        member("check", "pathcheck_check", DECISION, PATH_CHECK, STRING);
        member("check", "resourcecheck_check", DECISION, RESOURCE_CHECK, STRING);
        member("errored", "decision_errored", BOOL, DECISION);
        member("error", "decision_error", STRING, DECISION);
        member("allowed", "decision_allowed", BOOL, DECISION);
        member("reason", "decision_reason", STRING, DECISION);
    }
}
