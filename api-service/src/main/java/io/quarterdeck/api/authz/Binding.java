package io.quarterdeck.api.authz;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Who holds which role where: a RoleBinding, or a ClusterRoleBinding when {@code namespace} is empty. Immutable.
 *
 * @param roleKind {@code Role} or {@code ClusterRole}
 */
record Binding(String namespace, String name, String roleKind, String roleName, List<Subject> subjects) {

    Binding {
        subjects = List.copyOf(subjects);
    }

    /**
     * One of those who hold the role.
     *
     * @param holder under what callers are looked up: {@code user/NAME} or {@code group/NAME}
     * @param shown as upstream prints it: {@code User "jane"}
     */
    record Subject(String holder, String shown) {}

    static String user(String name) {
        return "user/" + name;
    }

    static String group(String name) {
        return "group/" + name;
    }

    static Binding of(String namespace, Document binding) {
        List<Subject> subjects = new ArrayList<>();
        for (JsonNode subject : binding.items("subjects")) {
            String kind = subject.path("kind").asString("");
            String name = subject.path("name").asString("");
            switch (kind) {
                case "User" -> subjects.add(new Subject(user(name), "User " + GoQuote.quote(name)));
                case "Group" -> subjects.add(new Subject(group(name), "Group " + GoQuote.quote(name)));
                case "ServiceAccount" -> {
                    // In a RoleBinding an account without a namespace is one of the binding's own.
                    String own = subject.path("namespace").asString("");
                    String home = own.isEmpty() ? namespace : own;
                    if (!home.isEmpty()) {
                        subjects.add(new Subject(
                                user("system:serviceaccount:" + home + ":" + name),
                                "ServiceAccount " + GoQuote.quote(name + "/" + home)));
                    }
                }
                default -> {
                    // An unknown kind of subject is nobody.
                }
            }
        }
        return new Binding(
                namespace, binding.name(), binding.text("roleRef.kind"), binding.text("roleRef.name"), subjects);
    }

    /** {@code ClusterRoleBinding "b" of ClusterRole "r" to User "u"}. */
    String shown(Subject subject) {
        String self = namespace.isEmpty()
                ? "ClusterRoleBinding " + GoQuote.quote(name)
                : "RoleBinding " + GoQuote.quote(name + "/" + namespace);
        return self + " of " + roleKind + " " + GoQuote.quote(roleName) + " to " + subject.shown();
    }
}
