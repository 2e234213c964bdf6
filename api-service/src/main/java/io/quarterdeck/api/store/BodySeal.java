package io.quarterdeck.api.store;

import io.quarterdeck.model.GroupResource;

/**
 * What stands between bodies and wherever they are kept: a store that writes to disk seals on the way there and opens on
 * the way back; memory and readers have clear bodies. Thread-safe.
 */
public interface BodySeal {

    /** Keeps bodies as they are. */
    BodySeal CLEAR = new BodySeal() {
        @Override
        public byte[] seal(StoreKey key, byte[] body) {
            return body;
        }

        @Override
        public byte[] open(StoreKey key, byte[] kept) {
            return kept;
        }

        @Override
        public boolean hides(GroupResource storage) {
            return false;
        }

        @Override
        public Wanted wanted(GroupResource storage) {
            return new Wanted(new byte[0], false);
        }

        @Override
        public long generation() {
            return 0;
        }
    };

    byte[] seal(StoreKey key, byte[] body);

    /** @throws IllegalStateException when no key opens it; the message names the object, never its content */
    byte[] open(StoreKey key, byte[] kept);

    /** Whether bodies of this storage must not be seen anywhere outside of the API: logs, topics, histories. */
    boolean hides(GroupResource storage);

    /**
     * How bodies are kept that are written now.
     *
     * @param prefix what a kept body begins with
     * @param sealed false when bodies are kept clear; every sealed one is then out of date
     */
    record Wanted(byte[] prefix, boolean sealed) {}

    Wanted wanted(GroupResource storage);

    /** Grows when keys or rules change, so that what is kept may be out of date. */
    long generation();
}
