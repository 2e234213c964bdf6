package io.quarterdeck.cel;

import io.quarterdeck.model.Addresses;
import java.util.Optional;

/**
 * IP addresses and ranges of the libraries, which take only strictly written ones.
 *
 * <p>Source: Kubernetes documentation, "Common Expression Language in Kubernetes": IP and CIDR libraries.
 */
final class Network {

    private Network() {}

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
