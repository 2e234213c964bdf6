package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Rules about security contexts of pods and containers. */
final class SecurityRules {

    private static final long MOST = Integer.MAX_VALUE;
    private static final String SYSCTL = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
    private static final Pattern SYSCTL_PATTERN = Pattern.compile(SYSCTL);
    private static final Set<String> IPC_SYSCTLS = Set.of("kernel.sem");

    private SecurityRules() {}

    static void pod(Field context, Field spec) {
        if (context.present() || spec.at("shareProcessNamespace").present()) {
            id(context.at("fsGroup"));
            id(context.at("runAsUser"));
            id(context.at("runAsGroup"));
            context.at("supplementalGroups").items().forEach(SecurityRules::id);
        }
        Field share = spec.at("shareProcessNamespace").as(context.path() + ".shareProcessNamespace");
        if (share.flag() && spec.at("hostPID").flag()) {
            share.invalid("ShareProcessNamespace and HostPID cannot both be enabled");
        }
        sysctls(context.at("sysctls"), spec);
        context.at("fsGroupChangePolicy").ifPresent(policy -> policy.oneOf("Always", "OnRootMismatch"));
        seccomp(context.at("seccompProfile"));
        windowsOptions(context.at("windowsOptions"));
        appArmor(context.at("appArmorProfile"));
        context.at("supplementalGroupsPolicy").ifPresent(policy -> policy.oneOf("Merge", "Strict"));
        context.at("seLinuxChangePolicy").ifPresent(policy -> policy.oneOf("MountOption", "Recursive"));
    }

    static void container(Field context, boolean hostUsers) {
        if (!context.present()) {
            return;
        }
        id(context.at("runAsUser"));
        id(context.at("runAsGroup"));
        Field procMount = context.at("procMount");
        if (procMount.present()) {
            procMount.oneOf("Default", "Unmasked");
            if (hostUsers && procMount.is("Unmasked")) {
                procMount.invalid("`hostUsers` must be false to use `Unmasked`");
            }
        }
        seccomp(context.at("seccompProfile"));
        Field escalation = context.at("allowPrivilegeEscalation");
        if (escalation.present() && !escalation.flag()) {
            if (context.at("privileged").flag()) {
                context.invalidValue(
                        escalation.node(), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
            }
            for (Field capability : context.at("capabilities.add").items()) {
                if (capability.is("CAP_SYS_ADMIN")) {
                    context.invalidValue(
                            escalation.node(),
                            "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
                }
            }
        }
        windowsOptions(context.at("windowsOptions"));
        appArmor(context.at("appArmorProfile"));
    }

    private static void id(Field id) {
        if (id.isNumber()) {
            id.invalid(Formats.range(id.number(), 0, MOST));
        }
    }

    private static void sysctls(Field sysctls, Field spec) {
        Set<String> names = new HashSet<>();
        for (Field sysctl : sysctls.items()) {
            Field name = sysctl.at("name");
            String text = name.text();
            if (text.isEmpty()) {
                name.required();
            } else if (text.length() > 253 || !SYSCTL_PATTERN.matcher(text).matches()) {
                name.invalid("must have at most 253 characters and match regex " + SYSCTL);
            } else if (names.contains(text)) {
                name.duplicate();
            }
            String dotted = text.replace('/', '.');
            if (spec.at("hostNetwork").flag() && dotted.startsWith("net.")) {
                name.invalid("may not be specified when 'hostNetwork' is true");
            } else if (spec.at("hostIPC").flag()
                    && (IPC_SYSCTLS.contains(dotted)
                            || dotted.startsWith("kernel.shm")
                            || dotted.startsWith("kernel.msg")
                            || dotted.startsWith("fs.mqueue."))) {
                name.invalid("may not be specified when 'hostIPC' is true");
            }
            names.add(text);
        }
    }

    private static void seccomp(Field profile) {
        if (!profile.present()) {
            return;
        }
        Field type = profile.at("type");
        Field localhost = profile.at("localhostProfile");
        if (type.empty()) {
            type.required("type is required when seccompProfile is set");
        } else {
            type.oneOf("Localhost", "RuntimeDefault", "Unconfined");
        }
        if (type.is("Localhost")) {
            if (!localhost.present()) {
                localhost.required("must be set when seccomp type is Localhost");
            } else {
                PathRules.localDescending(localhost);
            }
        } else if (localhost.present()) {
            localhost.invalidValue(
                    new Values.Raw("{\"Type\":%s,\"LocalhostProfile\":%s}"
                            .formatted(GoQuote.quote(type.text()), GoQuote.quote(localhost.text()))),
                    "can only be set when seccomp type is Localhost");
        }
    }

    private static void appArmor(Field profile) {
        if (!profile.present()) {
            return;
        }
        Field type = profile.at("type");
        Field localhost = profile.at("localhostProfile");
        switch (type.text()) {
            case "Localhost" -> {
                if (!localhost.present()) {
                    localhost.required("must be set when AppArmor type is Localhost");
                } else {
                    String trimmed = localhost.text().strip();
                    if (!trimmed.equals(localhost.text())) {
                        localhost.invalid("must not be padded with whitespace");
                    } else if (trimmed.isEmpty()) {
                        localhost.required("must be set when AppArmor type is Localhost");
                    }
                    if (localhost.text().length() > 4095) {
                        localhost.tooLong(4095);
                    }
                }
            }
            case "RuntimeDefault", "Unconfined" ->
                localhost.ifPresent(field -> field.invalid("can only be set when AppArmor type is Localhost"));
            case "" -> type.required("type is required when appArmorProfile is set");
            default -> type.unsupported("Localhost", "RuntimeDefault", "Unconfined");
        }
    }

    private static void windowsOptions(Field options) {
        Field spec = options.at("gmsaCredentialSpecName");
        if (spec.present()) {
            spec.format(Formats::subdomain);
        }
        Field content = options.at("gmsaCredentialSpec");
        if (content.present()) {
            if (content.text().isEmpty()) {
                content.invalid("gmsaCredentialSpec cannot be an empty string");
            } else if (content.text().length() > 64 * 1024) {
                content.invalid("gmsaCredentialSpec size must be under 64 KiB");
            }
        }
        Field user = options.at("runAsUserName");
        if (user.present() && user.text().isEmpty()) {
            user.invalid("runAsUserName cannot be an empty string");
        }
    }

    /** A pod for Windows may not use what only Linux has, and the other way round. */
    static void operatingSystem(Field spec) {
        Field os = spec.at("os");
        if (!os.present()) {
            return;
        }
        Field name = os.at("name");
        if (name.empty()) {
            name.required();
        } else if (name.is("linux")) {
            spec.at("securityContext.windowsOptions")
                    .ifPresent(options -> options.forbidden("windows options cannot be set for a linux pod"));
            ContainerRules.all(spec)
                    .forEach(container -> container
                            .at("securityContext.windowsOptions")
                            .ifPresent(options -> options.forbidden("windows options cannot be set for a linux pod")));
        } else if (name.is("windows")) {
            String refusal = "cannot be set for a windows pod";
            forbid(spec, List.of("securityContext.appArmorProfile", "securityContext.seLinuxOptions"), refusal);
            forbid(spec, List.of("hostUsers"), refusal);
            for (String flag : List.of("hostPID", "hostIPC")) {
                if (spec.at(flag).flag()) {
                    spec.at(flag).forbidden(refusal);
                }
            }
            forbid(
                    spec,
                    List.of(
                            "securityContext.seccompProfile",
                            "securityContext.fsGroup",
                            "securityContext.fsGroupChangePolicy",
                            "securityContext.sysctls",
                            "shareProcessNamespace",
                            "securityContext.runAsUser",
                            "securityContext.runAsGroup",
                            "securityContext.supplementalGroups",
                            "securityContext.supplementalGroupsPolicy",
                            "securityContext.seLinuxChangePolicy"),
                    refusal);
            for (Field container : ContainerRules.all(spec)) {
                forbid(
                        container.at("securityContext"),
                        List.of(
                                "appArmorProfile",
                                "seLinuxOptions",
                                "seccompProfile",
                                "capabilities",
                                "readOnlyRootFilesystem",
                                "privileged",
                                "allowPrivilegeEscalation",
                                "procMount",
                                "runAsUser",
                                "runAsGroup"),
                        refusal);
            }
        } else {
            name.unsupported("linux", "windows");
        }
    }

    private static void forbid(Field parent, List<String> fields, String refusal) {
        fields.forEach(field -> parent.at(field).ifPresent(present -> present.forbidden(refusal)));
    }

    /** Host-process containers come all together and with the host's network. */
    static void hostProcess(Field spec) {
        boolean podWide = spec.at("securityContext.windowsOptions.hostProcess").flag();
        boolean any = false;
        boolean every = true;
        for (Field container : ContainerRules.all(spec)) {
            Field own = container.at("securityContext.windowsOptions.hostProcess");
            boolean effective = own.present() ? own.flag() : podWide;
            any |= effective;
            every &= effective;
        }
        if (!any) {
            return;
        }
        if (!every) {
            spec.invalidValue(
                    "",
                    "If pod contains any hostProcess containers then all containers must be HostProcess containers");
        }
        if (!spec.at("hostNetwork").flag()) {
            spec.at("hostNetwork")
                    .invalidValue(false, "hostNetwork must be true if pod contains any hostProcess containers");
        }
    }

    static void hostUsers(Field spec) {
        Field hostUsers = spec.at("hostUsers");
        if (!hostUsers.present() || hostUsers.flag()) {
            return;
        }
        String[][] shared = {{"hostNetwork", "hostNetwork"}, {"hostPID", "HostPID"}, {"hostIPC", "HostIPC"}};
        for (String[] field : shared) {
            if (spec.at(field[0]).flag()) {
                spec.at(field[1]).forbidden("when `hostUsers` is false");
            }
        }
    }
}
