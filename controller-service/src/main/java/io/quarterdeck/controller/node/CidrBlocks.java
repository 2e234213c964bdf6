package io.quarterdeck.controller.node;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;

/** A range of addresses divided into blocks of one size. Immutable. */
final class CidrBlocks {

    private final BigInteger base;
    private final int bits;
    private final int prefix;
    private final int maskSize;

    CidrBlocks(String range, int maskSize) {
        int slash = range.indexOf('/');
        try {
            byte[] address = InetAddress.getByName(range.substring(0, slash)).getAddress();
            this.bits = address.length * 8;
            this.prefix = Integer.parseInt(range.substring(slash + 1));
            this.base = new BigInteger(1, address).shiftRight(bits - prefix).shiftLeft(bits - prefix);
        } catch (UnknownHostException | RuntimeException malformed) {
            throw new IllegalArgumentException("cluster-cidr " + range + " is not a range of addresses", malformed);
        }
        if (maskSize < prefix || maskSize > bits) {
            throw new IllegalArgumentException(
                    "a node's range /" + maskSize + " does not fit into the cluster's " + range);
        }
        this.maskSize = maskSize;
    }

    Optional<String> firstFree(Set<String> used) {
        // More blocks than any cluster has nodes are not worth walking.
        long blocks = 1L << Math.min(maskSize - prefix, 20);
        for (long i = 0; i < blocks; i++) {
            String block = text(base.add(BigInteger.valueOf(i).shiftLeft(bits - maskSize))) + "/" + maskSize;
            if (!used.contains(block)) {
                return Optional.of(block);
            }
        }
        return Optional.empty();
    }

    private String text(BigInteger address) {
        byte[] bytes = new byte[bits / 8];
        byte[] number = address.toByteArray();
        int from = Math.max(0, number.length - bytes.length);
        System.arraycopy(number, from, bytes, bytes.length - (number.length - from), number.length - from);
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
