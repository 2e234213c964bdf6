package io.quarterdeck.api.encryption;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * The providers. Nonces are random; where one key seals very much, {@code envelope} is the one to use: each body has a data
 * key of its own, so that no nonce can ever meet its like.
 *
 * <p>Source: Kubernetes documentation, "Encrypting Confidential Data at Rest"; the byte forms of aesgcm, aescbc and secretbox
 * are upstream's.
 */
final class Transformers {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private Transformers() {}

    static byte[] prefix(String provider, String key) {
        return ("k8s:enc:" + provider + ":v1:" + key + ":").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static byte[] joined(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static void requireLength(byte[] sealed, int least) throws GeneralSecurityException {
        if (sealed.length < least) {
            throw new GeneralSecurityException("the stored data was shorter than the required size");
        }
    }

    private static byte[] gcm(int mode, byte[] key, byte[] nonce, byte[] text, int from, int length, byte[] context)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context);
        return cipher.doFinal(text, from, length);
    }

    /** Keeps bodies clear. */
    static final class Identity implements Transformer {
        @Override
        public byte[] prefix() {
            return new byte[0];
        }

        @Override
        public byte[] seal(byte[] clear, byte[] context) {
            return clear;
        }

        @Override
        public byte[] open(byte[] sealed, byte[] context) {
            return sealed;
        }
    }

    /** AES-GCM with the configured key: nonce, text, tag. */
    record AesGcm(byte[] prefix, byte[] key) implements Transformer {
        @Override
        public byte[] seal(byte[] clear, byte[] context) throws GeneralSecurityException {
            byte[] nonce = random(NONCE);
            return joined(nonce, gcm(Cipher.ENCRYPT_MODE, key, nonce, clear, 0, clear.length, context));
        }

        @Override
        public byte[] open(byte[] sealed, byte[] context) throws GeneralSecurityException {
            requireLength(sealed, NONCE + TAG_BITS / 8);
            return gcm(
                    Cipher.DECRYPT_MODE,
                    key,
                    Arrays.copyOf(sealed, NONCE),
                    sealed,
                    NONCE,
                    sealed.length - NONCE,
                    context);
        }
    }

    /** AES-256-GCM under a data key drawn for each body, which the configured key wraps: wrapped key, nonce, text, tag. */
    record Envelope(byte[] prefix, byte[] key) implements Transformer {
        private static final int DATA_KEY = 32;
        private static final int WRAPPED = NONCE + DATA_KEY + TAG_BITS / 8;

        @Override
        public byte[] seal(byte[] clear, byte[] context) throws GeneralSecurityException {
            byte[] dataKey = random(DATA_KEY);
            byte[] wrapNonce = random(NONCE);
            // A key that seals one body may use any nonce: zero.
            byte[] sealed = gcm(Cipher.ENCRYPT_MODE, dataKey, new byte[NONCE], clear, 0, clear.length, context);
            byte[] wrapped = gcm(Cipher.ENCRYPT_MODE, key, wrapNonce, dataKey, 0, DATA_KEY, context);
            Arrays.fill(dataKey, (byte) 0);
            return joined(wrapNonce, wrapped, sealed);
        }

        @Override
        public byte[] open(byte[] sealed, byte[] context) throws GeneralSecurityException {
            requireLength(sealed, WRAPPED + TAG_BITS / 8);
            byte[] dataKey = gcm(
                    Cipher.DECRYPT_MODE, key, Arrays.copyOf(sealed, NONCE), sealed, NONCE, WRAPPED - NONCE, context);
            try {
                return gcm(
                        Cipher.DECRYPT_MODE,
                        dataKey,
                        new byte[NONCE],
                        sealed,
                        WRAPPED,
                        sealed.length - WRAPPED,
                        context);
            } finally {
                Arrays.fill(dataKey, (byte) 0);
            }
        }
    }

    /** AES-CBC with PKCS#7 padding: vector, text. It vouches for nothing, as upstream's documentation warns. */
    record AesCbc(byte[] prefix, byte[] key) implements Transformer {
        private static final int BLOCK = 16;

        @Override
        public byte[] seal(byte[] clear, byte[] context) throws GeneralSecurityException {
            byte[] vector = random(BLOCK);
            return joined(vector, cbc(Cipher.ENCRYPT_MODE, vector, clear, 0, clear.length));
        }

        @Override
        public byte[] open(byte[] sealed, byte[] context) throws GeneralSecurityException {
            requireLength(sealed, 2 * BLOCK);
            return cbc(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, BLOCK), sealed, BLOCK, sealed.length - BLOCK);
        }

        private byte[] cbc(int mode, byte[] vector, byte[] text, int from, int length) throws GeneralSecurityException {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(vector));
            return cipher.doFinal(text, from, length);
        }
    }

    /** XSalsa20 and Poly1305 as NaCl joins them: nonce, tag, text. */
    record SecretBox(byte[] prefix, byte[] key) implements Transformer {
        private static final int BOX_NONCE = 24;
        private static final int BOX_TAG = 16;

        @Override
        public byte[] seal(byte[] clear, byte[] context) {
            byte[] nonce = random(BOX_NONCE);
            XSalsa20Engine stream = stream(nonce);
            byte[] tagKey = firstBlock(stream);
            byte[] text = new byte[clear.length];
            stream.processBytes(clear, 0, clear.length, text, 0);
            return joined(nonce, tag(tagKey, text, 0, text.length), text);
        }

        @Override
        public byte[] open(byte[] sealed, byte[] context) throws GeneralSecurityException {
            requireLength(sealed, BOX_NONCE + BOX_TAG);
            XSalsa20Engine stream = stream(Arrays.copyOf(sealed, BOX_NONCE));
            byte[] tagKey = firstBlock(stream);
            int from = BOX_NONCE + BOX_TAG;
            byte[] expected = tag(tagKey, sealed, from, sealed.length - from);
            if (!MessageDigest.isEqual(expected, Arrays.copyOfRange(sealed, BOX_NONCE, from))) {
                throw new AEADBadTagException("the stored data was changed");
            }
            byte[] clear = new byte[sealed.length - from];
            stream.processBytes(sealed, from, clear.length, clear, 0);
            return clear;
        }

        private XSalsa20Engine stream(byte[] nonce) {
            XSalsa20Engine stream = new XSalsa20Engine();
            stream.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
            return stream;
        }

        /** The first 32 bytes of the stream are the key of the tag. */
        private static byte[] firstBlock(XSalsa20Engine stream) {
            byte[] block = new byte[32];
            stream.processBytes(new byte[32], 0, 32, block, 0);
            return block;
        }

        private static byte[] tag(byte[] tagKey, byte[] text, int from, int length) {
            Poly1305 mac = new Poly1305();
            mac.init(new KeyParameter(tagKey));
            mac.update(text, from, length);
            byte[] tag = new byte[BOX_TAG];
            mac.doFinal(tag, 0);
            return tag;
        }
    }
}
