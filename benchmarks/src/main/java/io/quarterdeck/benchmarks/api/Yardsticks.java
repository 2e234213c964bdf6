package io.quarterdeck.benchmarks.api;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.util.Locale;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What this machine does at the moment, apart from any server: one core's AES-GCM, and how often a small write reaches
 * the disk.
 */
record Yardsticks(double aesMegabytesPerSecond, double syncsPerSecond) {

    private static final long EACH_NANOS = 400_000_000L;
    private static final int RECORD = 16 * 1024;

    static Yardsticks taken(Path directory) throws IOException {
        Files.createDirectories(directory);
        return new Yardsticks(aes(), syncs(directory));
    }

    private static double aes() {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            byte[] plain = new byte[RECORD];
            byte[] sealed = new byte[RECORD + 16];
            long done = 0;
            long nonce = 0;
            double best = 0;
            // The first rounds are slow until they are compiled.
            for (int round = 0; round < 5; round++) {
                long start = cpuNanos();
                done = 0;
                while (cpuNanos() - start < EACH_NANOS) {
                    byte[] iv =
                            ByteBuffer.allocate(12).putInt(0).putLong(nonce++).array();
                    cipher.init(
                            Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[16], "AES"), new GCMParameterSpec(128, iv));
                    cipher.doFinal(plain, 0, RECORD, sealed, 0);
                    done += RECORD;
                }
                best = Math.max(best, done / 1e6 / ((cpuNanos() - start) / 1e9));
            }
            return best;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double syncs(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "yardstick", "");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocate(8192);
            long count = 0;
            long start = System.nanoTime();
            while (System.nanoTime() - start < EACH_NANOS) {
                block.clear();
                channel.write(block);
                channel.force(false);
                count++;
            }
            return count / ((System.nanoTime() - start) / 1e9);
        } finally {
            Files.delete(file);
        }
    }

    String json() {
        return String.format(
                Locale.ROOT, ",\"aesMBps\":%.0f,\"fsyncsPerSecond\":%.0f", aesMegabytesPerSecond, syncsPerSecond);
    }
}
