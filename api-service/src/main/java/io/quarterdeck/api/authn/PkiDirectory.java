package io.quarterdeck.api.authn;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Key material in one place, under kubeadm's file names.
 *
 * @param pkiDirectory where files are looked for that no property of their own names; none when absent
 */
@ConfigurationProperties("quarterdeck.api")
public record PkiDirectory(@Nullable Path pkiDirectory) {

    /** The named file when one is named, else the one of the directory when it is there. */
    public @Nullable Path or(@Nullable Path named, String file) {
        if (named != null || pkiDirectory == null) {
            return named;
        }
        Path kept = pkiDirectory.resolve(file);
        return Files.exists(kept) ? kept : null;
    }
}
