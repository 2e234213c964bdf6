package io.quarterdeck.proxy.nftables;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a table holds beyond its fixed frame: chains with their rules, sets, and elements of maps and sets. Immutable.
 *
 * @param sets declarations by name: {@code type ipv4_addr; flags dynamic,timeout; timeout 3h;}
 * @param elements values by element; the value of a set's element is empty
 */
record NftProgram(Map<String, List<String>> chains, Map<String, String> sets, Map<Element, String> elements) {

    static final NftProgram EMPTY = new NftProgram(Map.of(), Map.of(), Map.of());

    NftProgram {
        chains = Map.copyOf(chains);
        sets = Map.copyOf(sets);
        elements = Map.copyOf(elements);
    }

    /** @param key as nftables writes it: {@code 10.96.0.1 . tcp . 443} */
    record Element(String container, String key) {}

    static final class Builder {
        private final Map<String, List<String>> chains = new LinkedHashMap<>();
        private final Map<String, String> sets = new LinkedHashMap<>();
        private final Map<Element, String> elements = new LinkedHashMap<>();

        void chain(String name, List<String> rules) {
            chains.put(name, List.copyOf(rules));
        }

        void set(String name, String declaration) {
            sets.put(name, declaration);
        }

        void element(String container, String key, String value) {
            elements.put(new Element(container, key), value);
        }

        NftProgram build() {
            return new NftProgram(chains, sets, elements);
        }
    }
}
