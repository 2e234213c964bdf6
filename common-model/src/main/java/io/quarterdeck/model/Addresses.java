package io.quarterdeck.model;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * IP addresses and CIDR blocks in the API's strict reading: no leading zeros, no IPv4 mapped into IPv6, canonical form
 * where asked. Never resolves a name. Source: KEP-4858, RFC 5952.
 */
public final class Addresses {

    private Addresses() {}

    /**
     * @param bits 32 or 128
     * @param leadingZeros written with an octet such as {@code 010}
     */
    public record Ip(BigInteger value, int bits, boolean leadingZeros, boolean mapped) {

        public boolean v4() {
            return bits == 32;
        }

        public boolean unspecified() {
            return value.signum() == 0;
        }

        public boolean loopback() {
            return v4() ? value.shiftRight(24).intValue() == 127 : value.equals(BigInteger.ONE);
        }

        public boolean linkLocal() {
            return v4()
                    ? value.shiftRight(16).intValue() == 0xa9fe
                    : value.shiftRight(118).intValue() == 0xfe80 >> 6;
        }

        public boolean linkLocalMulticast() {
            return v4()
                    ? value.shiftRight(8).intValue() == 0xe00000
                    : value.shiftRight(112).intValue() == 0xff02;
        }

        /** RFC 5952, or dotted decimal. */
        public String canonical() {
            return v4() ? dotted(value.intValue()) : v6(value);
        }
    }

    public record Block(Ip address, int prefix, boolean leadingZeros) {

        public BigInteger first() {
            int host = address.bits() - prefix;
            return address.value().shiftRight(host).shiftLeft(host);
        }

        /** The number of addresses. */
        public BigInteger size() {
            return BigInteger.ONE.shiftLeft(address.bits() - prefix);
        }

        public boolean contains(Ip ip) {
            return ip.bits() == address.bits()
                    && ip.value().compareTo(first()) >= 0
                    && ip.value().compareTo(first().add(size())) < 0;
        }

        public Ip at(BigInteger offset) {
            return new Ip(first().add(offset), address.bits(), false, false);
        }

        public String canonical() {
            return new Ip(first(), address.bits(), false, false).canonical() + "/" + prefix;
        }
    }

    /** Reads an address as leniently as old fields do; null when it is none. */
    public static @Nullable Ip parse(String text) {
        return text.indexOf(':') >= 0 ? parseV6(text) : parseV4(text);
    }

    public static @Nullable Block parseBlock(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return null;
        }
        Ip ip = parse(text.substring(0, slash));
        String length = text.substring(slash + 1);
        if (ip == null
                || length.isEmpty()
                || length.length() > 3
                || !length.chars().allMatch(Character::isDigit)) {
            return null;
        }
        int prefix = Integer.parseInt(length);
        boolean zeros = ip.leadingZeros() || (length.length() > 1 && length.startsWith("0"));
        return prefix > ip.bits() ? null : new Block(ip, prefix, zeros);
    }

    /** Problems of an address in a field that tolerates non-canonical forms. */
    public static List<String> address(String text) {
        Ip ip = parse(text);
        if (ip == null) {
            return List.of("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        List<String> problems = new ArrayList<>();
        if (ip.leadingZeros()) {
            problems.add("must not have leading 0s");
        }
        if (ip.mapped()) {
            problems.add("must not be an IPv4-mapped IPv6 address");
        }
        return problems;
    }

    public static List<String> canonicalAddress(String text) {
        List<String> problems = address(text);
        Ip ip = parse(text);
        return problems.isEmpty() && ip != null && !ip.canonical().equals(text)
                ? List.of("must be in canonical form (\"%s\")".formatted(ip.canonical()))
                : problems;
    }

    public static List<String> block(String text) {
        Block block = parseBlock(text);
        if (block == null) {
            return List.of("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }
        if (block.leadingZeros()) {
            return List.of("must not have leading 0s in IP or prefix length");
        }
        if (block.address().mapped()) {
            return List.of("must not have an IPv4-mapped IPv6 address");
        }
        return block.address().value().equals(block.first())
                ? List.of()
                : List.of("must not have bits set beyond the prefix length");
    }

    public static List<String> canonicalBlock(String text) {
        List<String> problems = block(text);
        Block block = parseBlock(text);
        return problems.isEmpty() && block != null && !block.canonical().equals(text)
                ? List.of("must be in canonical form (\"%s\")".formatted(block.canonical()))
                : problems;
    }

    private static @Nullable Ip parseV4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        long value = 0;
        boolean zeros = false;
        for (String part : parts) {
            if (part.isEmpty() || part.length() > 9 || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return null;
            }
            int octet = Integer.parseInt(part);
            if (octet > 255) {
                return null;
            }
            zeros |= part.length() > 1 && part.startsWith("0");
            value = value << 8 | octet;
        }
        return new Ip(BigInteger.valueOf(value), 32, zeros, false);
    }

    private static @Nullable Ip parseV6(String text) {
        String groups = text;
        List<Integer> tail = List.of();
        boolean zeros = false;
        int lastColon = text.lastIndexOf(':');
        if (text.indexOf('.') >= 0) {
            Ip v4 = parseV4(text.substring(lastColon + 1));
            if (v4 == null) {
                return null;
            }
            zeros = v4.leadingZeros();
            tail = List.of(v4.value().shiftRight(16).intValue(), v4.value().intValue() & 0xffff);
            groups = text.substring(0, lastColon + 1);
            groups = groups.endsWith("::") ? groups : groups.substring(0, groups.length() - 1);
        }
        int gap = groups.indexOf("::");
        List<Integer> head = hextets(gap < 0 ? groups : groups.substring(0, gap));
        List<Integer> rest = gap < 0 ? List.of() : hextets(groups.substring(gap + 2));
        if (head == null || rest == null) {
            return null;
        }
        int count = head.size() + rest.size() + tail.size();
        if (gap < 0 ? count != 8 : count > 7) {
            return null;
        }
        List<Integer> all = new ArrayList<>(head);
        for (int i = count; i < 8; i++) {
            all.add(0);
        }
        all.addAll(rest);
        all.addAll(tail);
        BigInteger value = BigInteger.ZERO;
        for (int group : all) {
            value = value.shiftLeft(16).or(BigInteger.valueOf(group));
        }
        boolean mapped = value.shiftRight(32).equals(BigInteger.valueOf(0xffff));
        return mapped
                ? new Ip(value.and(BigInteger.valueOf(0xffffffffL)), 32, zeros, true)
                : new Ip(value, 128, zeros, false);
    }

    private static @Nullable List<Integer> hextets(String text) {
        List<Integer> groups = new ArrayList<>();
        if (text.isEmpty()) {
            return groups;
        }
        for (String group : text.split(":", -1)) {
            if (group.isEmpty() || group.length() > 4 || !group.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
                return null;
            }
            groups.add(Integer.parseInt(group, 16));
        }
        return groups;
    }

    private static String dotted(int value) {
        return "%d.%d.%d.%d".formatted(value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255);
    }

    private static String v6(BigInteger value) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = value.shiftRight(112 - 16 * i).intValue() & 0xffff;
        }
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += length - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
