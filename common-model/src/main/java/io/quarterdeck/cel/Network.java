package io.quarterdeck.cel;

import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.GoQuote;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * IP addresses and ranges of the libraries, which take only strictly written ones.
 *
 * <p>Source: Kubernetes documentation, "Common Expression Language in Kubernetes": IP and CIDR libraries.
 */
final class Network {

    private static final Pattern BITS = Pattern.compile("0|[1-9]\\d{0,8}");

    private Network() {}

    /** Why a text is no address, in upstream's words; for IPv6 those that fit whatever is wrong. */
    static String whyNoIp(String text) {
        int zone = text.indexOf('%');
        if (zone > 0 && zone < text.length() - 1 && Addresses.parse(text.substring(0, zone)) != null) {
            return "IP address %s with zone value is not allowed".formatted(GoQuote.quote(text));
        }
        Addresses.Ip address = Addresses.parse(text);
        return address != null && address.mapped()
                ? mapped(text)
                : "IP Address %s parse error during conversion from string: %s"
                        .formatted(GoQuote.quote(text), unread(text));
    }

    /** Why a text is no range of addresses, in upstream's words. */
    static String whyNoCidr(String text) {
        String where = "network address parse error during conversion from string: ";
        int slash = text.lastIndexOf('/');
        if (slash < 0) {
            return where + where + unread(text, "no '/'");
        }
        Addresses.Ip address = Addresses.parse(text.substring(0, slash));
        if (address == null || address.leadingZeros()) {
            return where + where + unread(text, unread(text.substring(0, slash)));
        }
        String bits = text.substring(slash + 1);
        if (!BITS.matcher(bits).matches()) {
            return where + where + unread(text, "bad bits after slash: " + GoQuote.quote(bits));
        }
        return where
                + (address.mapped() && Integer.parseInt(bits) <= address.bits()
                        ? mapped(text)
                        : where + unread(text, "prefix length out of range"));
    }

    private static String mapped(String text) {
        return "IPv4-mapped IPv6 address %s is not allowed".formatted(GoQuote.quote(text));
    }

    private static String unread(String prefix, String why) {
        return "netip.ParsePrefix(%s): %s".formatted(GoQuote.quote(prefix), why);
    }

    private static String unread(String address) {
        int dot = address.indexOf('.');
        int colon = address.indexOf(':');
        String why = dot < 0 || colon >= 0 && colon < dot ? "unable to parse IP" : whyNoV4(address);
        return "ParseAddr(%s): %s".formatted(GoQuote.quote(address), why);
    }

    private static String whyNoV4(String text) {
        int octets = 0;
        int digits = 0;
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                if (digits == 1 && value == 0) {
                    return "IPv4 field has octet with leading zero";
                }
                value = value * 10 + c - '0';
                digits++;
                if (value > 255) {
                    return "IPv4 field has value >255";
                }
            } else if (c != '.') {
                return at("unexpected character", text, i);
            } else if (digits == 0 || i == text.length() - 1) {
                return at("IPv4 field must have at least one digit", text, i);
            } else if (octets == 3) {
                return "IPv4 address too long";
            } else {
                octets++;
                value = 0;
                digits = 0;
            }
        }
        return "IPv4 address too short";
    }

    private static String at(String what, String text, int place) {
        return "%s (at %s)".formatted(what, GoQuote.quote(text.substring(place)));
    }

    record Ip(Addresses.Ip address) {

        static Optional<Ip> parse(String text) {
            return Optional.ofNullable(Addresses.parse(text))
                    .filter(ip -> !ip.leadingZeros() && !ip.mapped())
                    .map(Ip::new);
        }

        long family() {
            return address.v4() ? 4 : 6;
        }

        boolean isGlobalUnicast() {
            boolean broadcast = address.v4() && address.value().bitCount() == 32;
            boolean multicast = address.v4()
                    ? address.value().shiftRight(28).intValue() == 0xe
                    : address.value().shiftRight(120).intValue() == 0xff;
            return !broadcast && !multicast && !address.unspecified() && !address.loopback() && !address.linkLocal();
        }

        @Override
        public String toString() {
            return address.canonical();
        }
    }

    record Cidr(Addresses.Block block) {

        static Optional<Cidr> parse(String text) {
            return Optional.ofNullable(Addresses.parseBlock(text))
                    .filter(block -> !block.leadingZeros() && !block.address().mapped())
                    .map(Cidr::new);
        }

        boolean contains(Ip ip) {
            return block.contains(ip.address());
        }

        boolean contains(Cidr other) {
            return other.block.prefix() >= block.prefix() && block.contains(other.block.address());
        }

        Ip ip() {
            return new Ip(block.address());
        }

        /** With the bits that do not count set to zero. */
        Cidr masked() {
            return new Cidr(new Addresses.Block(
                    new Addresses.Ip(block.first(), block.address().bits(), false, false), block.prefix(), false));
        }

        @Override
        public String toString() {
            return block.address().canonical() + "/" + block.prefix();
        }
    }
}
