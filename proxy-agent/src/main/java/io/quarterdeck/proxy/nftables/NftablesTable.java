package io.quarterdeck.proxy.nftables;

import io.quarterdeck.proxy.rules.Family;
import io.quarterdeck.proxy.rules.ServicePortName;
import io.quarterdeck.proxy.rules.ServiceRule;
import io.quarterdeck.proxy.rules.ServiceTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Service rules in nftables, one table for each IP family. What the kernel holds is remembered, never listed; when a
 * change is refused all the same, the table is made anew in one transaction.
 */
public final class NftablesTable implements ServiceTable {

    public static final String NAME = "quarterdeck";

    private static final Logger log = LoggerFactory.getLogger(NftablesTable.class);

    private final NftRunner runner;
    private final List<FamilyTable> tables;

    /** @param podRanges where pods live: traffic from there keeps its address */
    public static NftablesTable open(List<String> podRanges) {
        return new NftablesTable(new LibNftables(), podRanges);
    }

    NftablesTable(NftRunner runner, List<String> podRanges) {
        this.runner = runner;
        this.tables = List.of(new FamilyTable(Family.IPV4, podRanges), new FamilyTable(Family.IPV6, podRanges));
    }

    @Override
    public void replaceAll(Map<ServicePortName, ServiceRule> rules) {
        tables.forEach(table -> table.replaceAll(rules));
    }

    @Override
    public void update(Map<ServicePortName, ServiceRule> changed, Set<ServicePortName> removed) {
        tables.forEach(table -> table.update(changed, removed));
    }

    @Override
    public void remove() {
        tables.forEach(FamilyTable::remove);
    }

    @Override
    public void close() {
        runner.close();
    }

    private final class FamilyTable {

        private final Family family;
        private final NftScript script;
        private final NftCompiler compiler;
        private final Map<ServicePortName, NftProgram> programs = new HashMap<>();
        private final Map<NftProgram.Element, Integer> holders = new HashMap<>();
        private final List<String> stale = new ArrayList<>();
        private boolean made;

        FamilyTable(Family family, List<String> podRanges) {
            this.family = family;
            this.script = new NftScript(family, NAME);
            this.compiler = new NftCompiler(family, podRanges);
        }

        void replaceAll(Map<ServicePortName, ServiceRule> rules) {
            programs.clear();
            rules.forEach((name, rule) -> put(name, compiler.compile(rule)));
            rebuild();
        }

        void update(Map<ServicePortName, ServiceRule> changed, Set<ServicePortName> removed) {
            List<NftProgram> before = new ArrayList<>();
            List<NftProgram> after = new ArrayList<>();
            changed.forEach((name, rule) -> {
                NftProgram old = programs.getOrDefault(name, NftProgram.EMPTY);
                NftProgram compiled = compiler.compile(rule);
                if (!compiled.equals(old)) {
                    before.add(old);
                    after.add(compiled);
                    put(name, compiled);
                }
            });
            removed.forEach(name -> {
                NftProgram old = programs.remove(name);
                if (old != null) {
                    before.add(old);
                }
            });
            if (before.isEmpty()) {
                return;
            }
            if (!made) {
                rebuild();
                return;
            }
            apply(merged(before), merged(after), before, after);
        }

        private void put(ServicePortName name, NftProgram program) {
            if (program.equals(NftProgram.EMPTY)) {
                programs.remove(name);
            } else {
                programs.put(name, program);
            }
        }

        private void apply(
                NftProgram before, NftProgram after, List<NftProgram> beforeParts, List<NftProgram> afterParts) {
            Map<NftProgram.Element, Integer> change = new HashMap<>();
            beforeParts.forEach(
                    part -> part.elements().keySet().forEach(element -> change.merge(element, -1, Integer::sum)));
            afterParts.forEach(
                    part -> part.elements().keySet().forEach(element -> change.merge(element, 1, Integer::sum)));
            // An element that other Services hold too is neither removed nor added.
            Map<NftProgram.Element, String> gone = new HashMap<>(before.elements());
            gone.keySet()
                    .removeIf(element -> holders.getOrDefault(element, 0) + change.getOrDefault(element, 0) > 0
                            && !after.elements().containsKey(element));
            Map<NftProgram.Element, String> come = new HashMap<>(after.elements());
            come.keySet()
                    .removeIf(element -> holders.getOrDefault(element, 0) > 0
                            && !before.elements().containsKey(element));
            List<String> unused = new ArrayList<>();
            List<String> commands = new ArrayList<>(script.change(
                    new NftProgram(before.chains(), before.sets(), gone),
                    new NftProgram(after.chains(), after.sets(), come),
                    unused));
            // A chain or set that is wanted again must not be deleted by an old command.
            List<String> deletable = stale.stream()
                    .filter(command -> after.chains().keySet().stream().noneMatch(name -> command.endsWith(" " + name)))
                    .filter(command -> after.sets().keySet().stream().noneMatch(name -> command.endsWith(" " + name)))
                    .toList();
            commands.addAll(deletable);
            try {
                runner.run(String.join("\n", commands));
                stale.clear();
                stale.addAll(unused);
                // No holder is no entry: the cost follows the change, not all that there is.
                change.forEach((element, more) ->
                        holders.merge(element, more, (known, added) -> known + added == 0 ? null : known + added));
            } catch (NftRunner.NftException refused) {
                log.warn(
                        "a change of the {} rules was refused, the table is made anew: {}",
                        family,
                        refused.getMessage());
                rebuild();
            }
        }

        private void rebuild() {
            if (programs.isEmpty() && family == Family.IPV6) {
                remove();
                return;
            }
            NftProgram all = merged(programs.values());
            List<String> commands = new ArrayList<>(script.frame());
            commands.addAll(script.change(NftProgram.EMPTY, all, new ArrayList<>()));
            runner.run(String.join("\n", commands));
            made = true;
            stale.clear();
            holders.clear();
            programs.values()
                    .forEach(program ->
                            program.elements().keySet().forEach(element -> holders.merge(element, 1, Integer::sum)));
        }

        void remove() {
            try {
                runner.run(String.join("\n", script.removal()));
            } catch (NftRunner.NftException refused) {
                // A kernel without this family never held a table of it.
                log.debug("no {} table to remove: {}", family, refused.getMessage());
            }
            made = false;
            holders.clear();
            stale.clear();
        }

        private static NftProgram merged(Collection<NftProgram> parts) {
            Map<String, List<String>> chains = new HashMap<>();
            Map<String, String> sets = new HashMap<>();
            Map<NftProgram.Element, String> elements = new HashMap<>();
            parts.forEach(part -> {
                chains.putAll(part.chains());
                sets.putAll(part.sets());
                elements.putAll(part.elements());
            });
            return new NftProgram(chains, sets, elements);
        }
    }
}
