package io.quarterdeck.node.runtime.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The sandbox's image, made here byte for byte so that no registry is needed: one static program that waits for a signal
 * to end and, as the first process of a shared PID namespace, takes in orphans.
 */
final class PauseImage {

    static final String NAME = "quarterdeck/pause:1";

    private static final int BASE = 0x400000;
    private static final int HEADERS = 64 + 56;

    /** x86-64 machine code, position independent; the jumps are relative. */
    private static final byte[] CODE = HexFormat.of()
            .parseHex(String.join(
                    "",
                    // block every signal: rt_sigprocmask(SIG_BLOCK, all, NULL, 8)
                    "488d355f000000", // lea rsi, [all]
                    "31ff", // xor edi, edi
                    "31d2", // xor edx, edx
                    "41ba08000000", // mov r10d, 8
                    "b80e000000", // mov eax, 14
                    "0f05", // syscall
                    // wait: rt_sigtimedwait(all, NULL, NULL, 8)
                    "488d3d47000000", // lea rdi, [all]
                    "31f6", // xor esi, esi
                    "31d2", // xor edx, edx
                    "41ba08000000", // mov r10d, 8
                    "b880000000", // mov eax, 128
                    "0f05", // syscall
                    "83f811", // cmp eax, SIGCHLD
                    "7413", // je reap
                    "83f80f", // cmp eax, SIGTERM
                    "7405", // je exit
                    "83f802", // cmp eax, SIGINT
                    "75d9", // jne wait
                    // exit(0)
                    "31ff", // xor edi, edi
                    "b83c000000", // mov eax, 60
                    "0f05", // syscall
                    // reap: wait4(-1, NULL, WNOHANG, NULL) until there is none
                    "48c7c7ffffffff", // mov rdi, -1
                    "31f6", // xor esi, esi
                    "ba01000000", // mov edx, WNOHANG
                    "4531d2", // xor r10d, r10d
                    "b83d000000", // mov eax, 61
                    "0f05", // syscall
                    "85c0", // test eax, eax
                    "7fe4", // jg reap
                    "ebb2", // jmp wait
                    // all
                    "ffffffffffffffff"));

    private PauseImage() {}

    /** The program as a static ELF executable. */
    static byte[] program() {
        int size = HEADERS + CODE.length;
        return ByteBuffer.allocate(size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0})
                .putShort((short) 2) // ET_EXEC
                .putShort((short) 62) // EM_X86_64
                .putInt(1)
                .putLong(BASE + HEADERS) // entry
                .putLong(64) // program headers
                .putLong(0)
                .putInt(0)
                .putShort((short) 64)
                .putShort((short) 56)
                .putShort((short) 1)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) 0)
                .putInt(1) // PT_LOAD
                .putInt(5) // read, execute
                .putLong(0)
                .putLong(BASE)
                .putLong(BASE)
                .putLong(size)
                .putLong(size)
                .putLong(0x1000)
                .put(CODE)
                .array();
    }

    /** What {@code docker load} takes. The same bytes every time. */
    static byte[] archive() {
        byte[] layer = tar(new File("pause", program(), 0755));
        String config = """
                {"architecture":"amd64","os":"linux","created":"1970-01-01T00:00:00Z",\
                "config":{"Entrypoint":["/pause"]},\
                "history":[{"created":"1970-01-01T00:00:00Z","created_by":"quarterdeck"}],\
                "rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}""".formatted(sha256(layer));
        byte[] configBytes = config.getBytes(StandardCharsets.UTF_8);
        String configName = sha256(configBytes) + ".json";
        String manifest = """
                [{"Config":"%s","RepoTags":["%s"],"Layers":["layer.tar"]}]""".formatted(configName, NAME);
        return tar(
                new File("layer.tar", layer, 0644),
                new File(configName, configBytes, 0644),
                new File("manifest.json", manifest.getBytes(StandardCharsets.UTF_8), 0644));
    }

    private record File(String name, byte[] content, int mode) {}

    private static byte[] tar(File... files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (File file : files) {
                TarArchiveEntry entry = new TarArchiveEntry(file.name());
                entry.setSize(file.content().length);
                entry.setMode(file.mode());
                entry.setModTime(0L);
                entry.setIds(0, 0);
                tar.putArchiveEntry(entry);
                tar.write(file.content());
                tar.closeArchiveEntry();
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
