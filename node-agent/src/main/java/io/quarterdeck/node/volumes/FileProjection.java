package io.quarterdeck.node.volumes;

import java.util.Arrays;

/** One file to be of a volume. The mode is Unix permission bits. */
record FileProjection(byte[] content, int mode) {

    @Override
    public boolean equals(Object other) {
        return other instanceof FileProjection(byte[] bytes, int bits) && bits == mode && Arrays.equals(bytes, content);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(content) + mode;
    }
}
