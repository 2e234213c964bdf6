package io.quarterdeck.api.admission.podsecurity;

import io.quarterdeck.api.document.Document;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The controls of each level, each with the versions in which it says something else. Pure.
 *
 * <p>Source: Kubernetes documentation, "Pod Security Standards"; versions and words as upstream's of 1.36.
 */
public final class SecurityStandards {

    /** What one version of a control finds. */
    interface Check extends Function<Document, Optional<Violation>> {}

    /**
     * From one minor version on.
     *
     * @param instead controls of the laxer level that this one stands for
     */
    record Since(int minor, Check check, Set<String> instead) {}

    /** A control under upstream's name, with its versions in order. */
    record Control(String name, List<Since> versions) {

        Optional<Since> at(long minor) {
            return versions.reversed().stream()
                    .filter(since -> since.minor() <= minor)
                    .findFirst();
        }
    }

    /** By name, as upstream lists what it finds. */
    private static final List<Control> BASELINE = List.of(
            control("appArmorProfile", since(0, BaselineControls::appArmorProfile)),
            control("capabilities_baseline", since(0, BaselineControls::capabilities)),
            control("hostNamespaces", since(0, BaselineControls::hostNamespaces)),
            control("hostPathVolumes", since(0, BaselineControls::hostPathVolumes)),
            control("hostPorts", since(0, BaselineControls::hostPorts)),
            control("hostProbesAndHostLifecycle", since(34, BaselineControls::hostProbesAndHostLifecycle)),
            control("privileged", since(0, BaselineControls::privileged)),
            control(
                    "procMount",
                    since(0, BaselineControls::procMount),
                    since(35, unlessUserNamespace(BaselineControls::procMount))),
            control(
                    "seLinuxOptions",
                    since(0, BaselineControls.seLinuxOptions(Set.of())),
                    since(31, BaselineControls.seLinuxOptions(Set.of("container_engine_t")))),
            control(
                    "seccompProfile_baseline",
                    since(0, BaselineControls::seccompAnnotations),
                    since(19, BaselineControls::seccompProfile)),
            control(
                    "sysctls",
                    since(0, BaselineControls.sysctls(0)),
                    since(27, BaselineControls.sysctls(27)),
                    since(29, BaselineControls.sysctls(29)),
                    since(32, BaselineControls.sysctls(32))),
            control("windowsHostProcess", since(0, BaselineControls::windowsHostProcess)));

    private static final List<Control> RESTRICTED = List.of(
            control(
                    "allowPrivilegeEscalation",
                    since(8, RestrictedControls::allowPrivilegeEscalation),
                    since(25, unlessWindows(RestrictedControls::allowPrivilegeEscalation))),
            control(
                    "capabilities_restricted",
                    since(22, RestrictedControls::capabilities, "capabilities_baseline"),
                    since(25, unlessWindows(RestrictedControls::capabilities), "capabilities_baseline")),
            control("procMount_restricted", since(35, BaselineControls::procMount, "procMount")),
            control("restrictedVolumes", since(0, RestrictedControls::volumes, "hostPathVolumes")),
            control(
                    "runAsNonRoot",
                    since(0, RestrictedControls::runAsNonRoot),
                    since(35, unlessUserNamespace(RestrictedControls::runAsNonRoot))),
            control(
                    "runAsUser",
                    since(23, RestrictedControls::runAsUser),
                    since(35, unlessUserNamespace(RestrictedControls::runAsUser))),
            control(
                    "seccompProfile_restricted",
                    since(19, RestrictedControls::seccompProfile, "seccompProfile_baseline"),
                    since(25, unlessWindows(RestrictedControls::seccompProfile), "seccompProfile_baseline")));

    private SecurityStandards() {}

    private static Control control(String name, Since... versions) {
        return new Control(name, List.of(versions));
    }

    private static Since since(int minor, Check check, String... instead) {
        return new Since(minor, check, Set.of(instead));
    }

    /** Such fields cannot be set in pods that run on Windows. */
    private static Check unlessWindows(Check check) {
        return pod -> pod.text("spec.os.name").equals("windows") ? Optional.empty() : check.apply(pod);
    }

    /** Root in a user namespace of its own is nobody outside. */
    private static Check unlessUserNamespace(Check check) {
        return pod -> pod.has("spec.hostUsers") && !pod.flag("spec.hostUsers") ? Optional.empty() : check.apply(pod);
    }

    /**
     * Everything in which the pod goes beyond the level, in upstream's order.
     *
     * @param pod a pod, or the template of one: its metadata and spec
     */
    public static List<Violation> violations(LevelVersion standard, Document pod) {
        if (standard.level() == SecurityLevel.PRIVILEGED) {
            return List.of();
        }
        List<Since> stricter = standard.level() == SecurityLevel.BASELINE
                ? List.of()
                : RESTRICTED.stream()
                        .flatMap(control -> control.at(standard.minor()).stream())
                        .toList();
        Set<String> replaced = new HashSet<>();
        stricter.forEach(since -> replaced.addAll(since.instead()));
        List<Violation> found = new ArrayList<>();
        BASELINE.stream()
                .filter(control -> !replaced.contains(control.name()))
                .flatMap(control -> control.at(standard.minor()).stream())
                .forEach(since -> since.check().apply(pod).ifPresent(found::add));
        stricter.forEach(since -> since.check().apply(pod).ifPresent(found::add));
        return found;
    }
}
