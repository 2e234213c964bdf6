package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import tools.jackson.databind.JsonNode;

/** Rules about the annotations that mean something to pods. */
final class PodAnnotations {

    static final String MIRROR = "kubernetes.io/config.mirror";
    private static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
    private static final String APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
    private static final String SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";

    private PodAnnotations() {}

    static void check(Field annotations, Field spec) {
        annotations.entries((key, value) -> {
            if (key.equals(MIRROR) && spec.at("nodeName").empty()) {
                value.invalidValue(value.text(), "must set spec.nodeName if mirror pod annotation is set");
            } else if (key.equals(DELETION_COST) && !isInt32(value.text())) {
                value.invalidValue(value.text(), "must be a 32bit integer");
            } else if (key.startsWith(APP_ARMOR)) {
                appArmor(key.substring(APP_ARMOR.length()), value, spec);
            } else if (key.equals(SECCOMP_POD) || key.startsWith(SECCOMP_CONTAINER)) {
                seccomp(value.as(annotations.path() + "." + key));
            }
        });
    }

    private static boolean isInt32(String text) {
        try {
            return Integer.toString(Integer.parseInt(text)).equals(text);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static void appArmor(String container, Field value, Field spec) {
        boolean known = ContainerRules.all(spec).stream()
                .anyMatch(field -> field.at("name").is(container));
        if (!known) {
            value.invalidValue(container, "container not found");
        }
        String profile = value.text();
        if (!profile.isEmpty()
                && !profile.equals("runtime/default")
                && !profile.equals("unconfined")
                && !profile.startsWith("localhost/")) {
            value.invalid("invalid AppArmor profile name: \"%s\"".formatted(profile));
        }
    }

    private static void seccomp(Field value) {
        String profile = value.text();
        if (profile.startsWith("localhost/")) {
            String file = profile.substring("localhost/".length());
            if (file.startsWith("/")) {
                value.invalidValue(file, "must be a relative path");
            }
            if (PathRules.backsteps(file)) {
                value.invalidValue(file, "must not contain '..'");
            }
        } else if (!profile.equals("runtime/default")
                && !profile.equals("docker/default")
                && !profile.equals("unconfined")) {
            value.invalid("must be a valid seccomp profile");
        }
    }

    /** Old annotations and the fields that replaced them must say the same. */
    static void agree(Field annotations, Field spec) {
        JsonNode values = annotations.node();
        Field pod = spec.at("securityContext.seccompProfile");
        if (pod.present() && values.path(SECCOMP_POD).isString()) {
            agree(values.path(SECCOMP_POD).stringValue(), pod, "seccomp");
        }
        for (Field container : ContainerRules.all(spec)) {
            JsonNode annotation =
                    values.path(SECCOMP_CONTAINER + container.at("name").text());
            Field profile = container.at("securityContext.seccompProfile");
            if (profile.present() && annotation.isString()) {
                agree(annotation.stringValue(), profile, "seccomp");
            }
        }
        if (spec.at("os.name").is("windows")) {
            return;
        }
        for (Field container : ContainerRules.all(spec)) {
            JsonNode annotation = values.path(APP_ARMOR + container.at("name").text());
            Field own = container.at("securityContext.appArmorProfile");
            Field effective = own.present()
                    ? own
                    : own.holding(spec.at("securityContext.appArmorProfile").node());
            if (effective.present() && annotation.isString()) {
                agree(annotation.stringValue(), effective, "apparmor");
            }
        }
    }

    private static void agree(String annotation, Field profile, String what) {
        Field type = profile.at("type");
        Field localhost = profile.at("localhostProfile");
        boolean same = switch (type.text()) {
            case "Unconfined" -> annotation.equals("unconfined");
            case "RuntimeDefault" ->
                annotation.equals("runtime/default") || (what.equals("seccomp") && annotation.equals("docker/default"));
            case "Localhost" -> annotation.startsWith("localhost/");
            default -> true;
        };
        if (!same) {
            type.forbidden(what + " type in annotation and field must match");
        } else if (type.is("Localhost") && !annotation.equals("localhost/" + localhost.text())) {
            localhost.forbidden(what + " profile in annotation and field must match");
        }
    }
}
