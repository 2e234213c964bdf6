package io.quarterdeck.standalone.checks;

import io.quarterdeck.standalone.instance.DockerHost;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.PortPlan;
import io.quarterdeck.standalone.instance.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Every reason for which a start could fail that can be seen beforehand.
 *
 * @param command how the user calls Quarterdeck, for the remedies
 */
public record Checks(Machine machine, Instance instance, int port, Set<Role> roles, String command) {
    public static final int JAVA = 25;

    /** Where kubectl comes from. */
    public static final String KUBECTL = "https://kubernetes.io/docs/tasks/tools";

    private static final long DISK_NEEDED = 1L << 30;
    private static final int[] DOCKER = {20, 10};

    /** All findings, in the order of the report; the first problem is the one to mend first. */
    public List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        boolean running = instance.running();
        findings.add(data(running));
        findings.add(disk());
        findings.add(ports(running));
        findings.add(kubectl());
        if (roles.stream().anyMatch(Role::needsRoot)) {
            findings.add(root());
            findings.add(onlyNode());
            findings.add(docker());
            findings.add(program("nft", "nftables", "Service rules"));
            findings.add(program("ip", "iproute2", "pod network"));
            findings.add(program("iptables", "iptables", "host ports"));
            findings.add(program("conntrack", "conntrack", "UDP Services"));
            findings.add(plugins());
        }
        return findings;
    }

    public Optional<Problem> firstProblem() {
        return run().stream().flatMap(finding -> finding.problem().stream()).findFirst();
    }

    /** The packages that are missing and that apt can bring. */
    public List<String> missingPackages() {
        List<String> packages = new ArrayList<>();
        if (roles.stream().noneMatch(Role::needsRoot)) {
            return packages;
        }
        Map<String, String> programs = new LinkedHashMap<>();
        programs.put("dockerd", "docker.io");
        programs.put("nft", "nftables");
        programs.put("ip", "iproute2");
        programs.put("iptables", "iptables");
        programs.put("conntrack", "conntrack");
        programs.forEach((program, name) -> {
            if (!machine.hasProgram(program)
                    && !(program.equals("dockerd") && machine.dockerVersion().isPresent())) {
                packages.add(name);
            }
        });
        if (!hasPlugins()) {
            packages.add("containernetworking-plugins");
        }
        return packages;
    }

    private Finding java() {
        int feature = machine.javaFeature();
        return feature >= JAVA
                ? Finding.good("JDK", feature + " in " + machine.javaHome())
                : Finding.bad(
                        "JDK",
                        "Java " + feature + " is too old, " + JAVA + " is needed",
                        "apt-get install openjdk-" + JAVA + "-jdk-headless");
    }

    private Finding root() {
        return machine.root()
                ? Finding.good("user", "root")
                : Finding.bad(
                        "user",
                        "only root may run pods and Services on this machine",
                        "sudo " + command + " up    (or the API alone: " + command + " up --components api)");
    }

    private Finding onlyNode() {
        return machine.nodeHolder()
                .filter(holder -> !holder.equals(instance.directory()))
                .map(holder -> Finding.bad(
                        "instances",
                        "another instance runs pods on this machine (data " + holder + ")",
                        command + " down --data " + holder))
                .orElseGet(() -> Finding.good("instances", "no other runs pods on this machine"));
    }

    private Finding data(boolean running) {
        String subject = "data";
        if (running) {
            return Finding.good(subject, instance.directory() + " (in use by the running instance)");
        }
        Optional<String> damage = instance.damage();
        if (damage.isPresent()) {
            String remedy =
                    damage.get().contains("not Quarterdeck's") || damage.get().contains("not a directory")
                            ? command + " up --data " + instance.directory() + "/quarterdeck"
                            : command + " reset" + dataOption();
            return Finding.bad(subject, damage.get(), remedy);
        }
        if (!machine.writable(instance.directory())) {
            return Finding.bad(
                    subject,
                    "cannot write to " + instance.directory(),
                    command + " up --data " + System.getProperty("java.io.tmpdir") + "/quarterdeck");
        }
        return Finding.good(subject, instance.directory().toString());
    }

    private Finding disk() {
        long usable = machine.usableSpace(instance.directory());
        String amount = String.format(Locale.ROOT, "%.1f GiB free", usable / (double) (1L << 30));
        return usable >= DISK_NEEDED
                ? Finding.good("disk", amount)
                : Finding.bad(
                        "disk",
                        "the disk of " + instance.directory() + " is nearly full (" + amount + ", 1 GiB is needed)",
                        machine.hasProgram("docker")
                                ? "docker system prune"
                                : "df -h " + existing(instance.directory()));
    }

    /** No part needs it, but most users do. */
    private Finding kubectl() {
        return Finding.good(
                "kubectl",
                machine.hasProgram("kubectl")
                        ? "installed"
                        : "missing (up works without it; it comes from " + KUBECTL + ")");
    }

    private Finding ports(boolean running) {
        PortPlan plan = new PortPlan(port);
        if (running) {
            return Finding.good("ports", "in use by the running instance");
        }
        for (Map.Entry<String, Integer> wanted : plan.of(roles).entrySet()) {
            if (!machine.portFree(wanted.getValue())) {
                String who = machine.listener(wanted.getValue())
                        .map(name -> " by " + name)
                        .orElse("");
                return Finding.bad(
                        "ports",
                        "port " + wanted.getValue() + " (" + wanted.getKey() + ") is taken" + who,
                        command + " up --port " + freePlan() + dataOption());
            }
        }
        return Finding.good(
                "ports",
                plan.of(roles).values().stream().map(String::valueOf).toList().toString());
    }

    /** The next API port at which all ports are free. */
    private int freePlan() {
        for (int candidate = port + 1000; candidate < 60_000; candidate += 1000) {
            if (new PortPlan(candidate).of(roles).values().stream().allMatch(machine::portFree)) {
                return candidate;
            }
        }
        return port;
    }

    private String dataOption() {
        return instance.directory().equals(Instance.usualDirectory()) ? "" : " --data " + instance.directory();
    }

    private Finding docker() {
        Optional<String> version = machine.dockerVersion();
        if (version.isPresent()) {
            return atLeast(version.get(), DOCKER)
                    ? Finding.good("Docker", "engine " + version.get())
                    : Finding.bad(
                            "Docker",
                            "Docker engine " + version.get() + " is too old, " + DOCKER[0] + "." + DOCKER[1]
                                    + " is needed",
                            "apt-get install docker.io");
        }
        if (!machine.dockerHost().equals(DockerHost.USUAL)) {
            return Finding.bad(
                    "Docker",
                    "no Docker engine answers at " + machine.dockerHost() + ", which " + DockerHost.PROPERTY + " names",
                    "docker --host " + machine.dockerHost() + " version");
        }
        if (machine.hasProgram("dockerd")) {
            return Finding.good("Docker", "installed, not running (up starts it)");
        }
        return missing("Docker", "there is no Docker engine", "docker.io");
    }

    private Finding program(String program, String packageName, String purpose) {
        return machine.hasProgram(program)
                ? Finding.good(program, "installed (" + purpose + ")")
                : missing(program, "the program " + program + " is missing (" + purpose + ")", packageName);
    }

    private Finding plugins() {
        return hasPlugins()
                ? Finding.good("CNI plugins", "installed")
                : missing("CNI plugins", "the CNI plugins are missing (pod network)", "containernetworking-plugins");
    }

    private boolean hasPlugins() {
        return Instance.CNI_DIRECTORIES.stream()
                .anyMatch(directory -> List.of("ptp", "host-local", "portmap").stream()
                        .allMatch(plugin -> machine.exists(directory.resolve(plugin))));
    }

    /** Missing, but no problem where apt will bring it. */
    private Finding missing(String subject, String cause, String packageName) {
        if (machine.hasProgram("apt-get") && machine.root()) {
            return Finding.good(subject, "missing (up installs " + packageName + ")");
        }
        return Finding.bad(
                subject,
                cause + (machine.hasProgram("apt-get") ? "" : " and no apt to install it"),
                machine.hasProgram("apt-get")
                        ? "sudo apt-get install " + packageName
                        : command + " up --components api");
    }

    private static Path existing(Path path) {
        Path p = path;
        while (!Files.exists(p) && p.getParent() != null) {
            p = p.getParent();
        }
        return p;
    }

    static boolean atLeast(String version, int[] needed) {
        int[] parts = Arrays.stream(version.split("[^0-9]+"))
                .filter(part -> !part.isEmpty())
                .limit(needed.length)
                .mapToInt(Integer::parseInt)
                .toArray();
        return parts.length == needed.length && Arrays.compare(parts, needed) >= 0;
    }
}
