package io.quarterdeck.node.runtime;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A busybox image made from the machine's own static busybox, so that tests need no registry. */
public final class TestImage {

    public static final String NAME = "quarterdeck-test/busybox:1";

    private TestImage() {}

    public static void load(ImageService images) {
        if (images.find(NAME).isPresent()) {
            return;
        }
        try {
            images.load(new ByteArrayInputStream(archive()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] archive() throws Exception {
        ByteArrayOutputStream layerBytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(layerBytes)) {
            for (String directory : List.of("bin/", "etc/", "tmp/", "dev/", "proc/", "root/")) {
                TarArchiveEntry entry = new TarArchiveEntry(directory);
                entry.setMode("tmp/".equals(directory) ? 01777 : 0755);
                tar.putArchiveEntry(entry);
                tar.closeArchiveEntry();
            }
            add(tar, "bin/busybox", Files.readAllBytes(Path.of("/bin/busybox")), 0755);
            add(tar, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n".getBytes(StandardCharsets.UTF_8), 0644);
            add(tar, "etc/group", "root:x:0:\n".getBytes(StandardCharsets.UTF_8), 0644);
            for (String applet : List.of(
                    "sh",
                    "cat",
                    "echo",
                    "sleep",
                    "ls",
                    "env",
                    "id",
                    "httpd",
                    "nc",
                    "tar",
                    "true",
                    "false",
                    "touch",
                    "kill",
                    "hostname",
                    "ip",
                    "mkdir",
                    "rm",
                    "printf",
                    "seq",
                    "stty",
                    "ps",
                    "test",
                    "wc",
                    "head",
                    "stat",
                    "trap",
                    "date",
                    "grep",
                    "chmod",
                    "mount",
                    "md5sum",
                    "dd",
                    "yes")) {
                TarArchiveEntry link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
                link.setLinkName("busybox");
                tar.putArchiveEntry(link);
                tar.closeArchiveEntry();
            }
        }
        byte[] layer = layerBytes.toByteArray();
        byte[] config = """
                {"architecture":"amd64","os":"linux","created":"1970-01-01T00:00:00Z",\
                "config":{"Env":["PATH=/bin"],"Cmd":["sh"]},\
                "rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}""".formatted(sha256(layer)).getBytes(StandardCharsets.UTF_8);
        String name = sha256(config) + ".json";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            add(tar, "layer.tar", layer, 0644);
            add(tar, name, config, 0644);
            add(
                    tar,
                    "manifest.json",
                    ("[{\"Config\":\"" + name + "\",\"RepoTags\":[\"" + NAME + "\"],\"Layers\":[\"layer.tar\"]}]")
                            .getBytes(StandardCharsets.UTF_8),
                    0644);
        }
        return bytes.toByteArray();
    }

    private static void add(TarArchiveOutputStream tar, String name, byte[] content, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        entry.setMode(mode);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static String sha256(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
