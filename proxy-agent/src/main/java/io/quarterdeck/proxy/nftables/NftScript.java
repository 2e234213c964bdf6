package io.quarterdeck.proxy.nftables;

import io.quarterdeck.proxy.rules.Family;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** nftables commands for one table: its fixed frame, and the way from one program to the next. Pure. */
final class NftScript {

    private final String table;
    private final String family;
    private final String addressType;
    private final String loopback;

    NftScript(Family family, String table) {
        this.family = family == Family.IPV4 ? "ip" : "ip6";
        this.table = this.family + " " + table;
        this.addressType = family == Family.IPV4 ? "ipv4_addr" : "ipv6_addr";
        this.loopback = family == Family.IPV4 ? "127.0.0.0/8" : "::1";
    }

    /** Makes the table anew, empty but for its frame, in place of whatever there was. */
    List<String> frame() {
        List<String> commands = new ArrayList<>();
        commands.add("add table " + table);
        commands.add("delete table " + table);
        commands.add("add table %s { comment \"service rules of Quarterdeck\"; }".formatted(table));
        container(commands, "set", NftCompiler.CLUSTER_IPS, "type " + addressType + ";");
        container(commands, "set", NftCompiler.HAIRPIN, "type %s . %s;".formatted(addressType, addressType));
        String addressAndPort = "type %s . inet_proto . inet_service : verdict;".formatted(addressType);
        container(commands, "map", NftCompiler.SERVICE_IPS, addressAndPort);
        container(commands, "map", NftCompiler.NO_ENDPOINT_SERVICES, addressAndPort);
        container(commands, "map", NftCompiler.SERVICE_NODE_PORTS, "type inet_proto . inet_service : verdict;");
        container(commands, "map", NftCompiler.NO_ENDPOINT_NODE_PORTS, "type inet_proto . inet_service : verdict;");

        chain(commands, "mark-for-masquerade", "", "meta mark set meta mark or 0x4000");
        // A reset reaches clients that never see ICMP, and at once.
        chain(commands, "reject-chain", "", "meta l4proto tcp reject with tcp reset", "reject");
        chain(
                commands,
                "services",
                "",
                family + " daddr . meta l4proto . th dport vmap @" + NftCompiler.SERVICE_IPS,
                "fib daddr type local %s daddr != %s meta l4proto . th dport vmap @%s"
                        .formatted(family, loopback, NftCompiler.SERVICE_NODE_PORTS));
        chain(
                commands,
                "endpoint-check",
                "",
                family + " daddr . meta l4proto . th dport vmap @" + NftCompiler.NO_ENDPOINT_SERVICES,
                "fib daddr type local %s daddr != %s meta l4proto . th dport vmap @%s"
                        .formatted(family, loopback, NftCompiler.NO_ENDPOINT_NODE_PORTS));
        chain(
                commands,
                "cluster-ips-check",
                "",
                "%s daddr @%s goto reject-chain".formatted(family, NftCompiler.CLUSTER_IPS));

        chain(commands, "nat-prerouting", "type nat hook prerouting priority dstnat;", "jump services");
        chain(commands, "nat-output", "type nat hook output priority -100;", "jump services");
        chain(
                commands,
                "nat-postrouting",
                "type nat hook postrouting priority srcnat;",
                "meta mark & 0x4000 == 0x4000 meta mark set meta mark & 0xffffbfff masquerade fully-random",
                "ct status dnat %s saddr . %s daddr @%s masquerade fully-random"
                        .formatted(family, family, NftCompiler.HAIRPIN));
        // Before and after destinations are rewritten: what is left with a Service's address has nowhere to go.
        chain(commands, "filter-input", "type filter hook input priority -110;", "ct state new jump endpoint-check");
        chain(
                commands,
                "filter-forward",
                "type filter hook forward priority -110;",
                "ct state new jump endpoint-check",
                "ct state new jump cluster-ips-check");
        chain(
                commands,
                "filter-output-pre-dnat",
                "type filter hook output priority -110;",
                "ct state new jump endpoint-check");
        chain(
                commands,
                "filter-output",
                "type filter hook output priority -90;",
                "ct state new jump cluster-ips-check");
        return commands;
    }

    List<String> removal() {
        return List.of("add table " + table, "delete table " + table);
    }

    private void container(List<String> commands, String kind, String name, String declaration) {
        commands.add("add %s %s %s { %s }".formatted(kind, table, name, declaration));
    }

    private void chain(List<String> commands, String name, String hook, String... rules) {
        commands.add("add chain %s %s%s".formatted(table, name, hook.isEmpty() ? "" : " { " + hook + " }"));
        for (String rule : rules) {
            commands.add("add rule %s %s %s".formatted(table, name, rule));
        }
    }

    /**
     * From {@code before} to {@code after}, in an order in which nothing refers to what is not there.
     *
     * @param stale told the commands that delete what is no longer used. They are to run in a later script: older
     *     kernels keep a chain busy for a moment after the element that led to it is gone
     */
    List<String> change(NftProgram before, NftProgram after, Collection<String> stale) {
        List<String> commands = new ArrayList<>();
        for (String name : added(before.sets().keySet(), after.sets().keySet())) {
            container(commands, "set", name, Objects.requireNonNull(after.sets().get(name)));
        }
        for (String name : added(before.chains().keySet(), after.chains().keySet())) {
            commands.add("add chain %s %s".formatted(table, name));
        }
        for (String name : new TreeSet<>(after.chains().keySet())) {
            List<String> rules = Objects.requireNonNull(after.chains().get(name));
            if (!rules.equals(before.chains().get(name))) {
                commands.add("flush chain %s %s".formatted(table, name));
                rules.forEach(rule -> commands.add("add rule %s %s %s".formatted(table, name, rule)));
            }
        }
        elements(commands, before.elements(), after.elements());
        for (String name : added(after.chains().keySet(), before.chains().keySet())) {
            commands.add("flush chain %s %s".formatted(table, name));
            stale.add("delete chain %s %s".formatted(table, name));
        }
        for (String name : added(after.sets().keySet(), before.sets().keySet())) {
            stale.add("delete set %s %s".formatted(table, name));
        }
        return commands;
    }

    private static Set<String> added(Set<String> before, Set<String> after) {
        Set<String> added = new TreeSet<>(after);
        added.removeAll(before);
        return added;
    }

    private void elements(
            List<String> commands, Map<NftProgram.Element, String> before, Map<NftProgram.Element, String> after) {
        before.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(after.get(entry.getKey())))
                .sorted(BY_ELEMENT)
                .forEach(entry -> element(commands, "delete", entry));
        after.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(before.get(entry.getKey())))
                .sorted(BY_ELEMENT)
                .forEach(entry -> element(commands, "add", entry));
    }

    private static final Comparator<Map.Entry<NftProgram.Element, String>> BY_ELEMENT = Comparator.comparing(
            entry -> entry.getKey().container() + " " + entry.getKey().key());

    private void element(List<String> commands, String verb, Map.Entry<NftProgram.Element, String> entry) {
        NftProgram.Element element = entry.getKey();
        String value = entry.getValue().isEmpty() ? "" : " : " + entry.getValue();
        commands.add("%s element %s %s { %s%s }".formatted(verb, table, element.container(), element.key(), value));
    }
}
