package io.quarterdeck.api.encryption;

import java.security.GeneralSecurityException;

/** One provider with one key. Thread-safe. */
interface Transformer {

    /** What everything that it seals begins with: {@code k8s:enc:aesgcm:v1:key1:}; empty for identity. */
    byte[] prefix();

    /** @param context where the body belongs: another place does not open it */
    byte[] seal(byte[] clear, byte[] context) throws GeneralSecurityException;

    /** @param sealed without the prefix */
    byte[] open(byte[] sealed, byte[] context) throws GeneralSecurityException;
}
