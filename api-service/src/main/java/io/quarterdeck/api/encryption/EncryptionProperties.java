package io.quarterdeck.api.encryption;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Encryption at rest.
 *
 * @param providerConfig an EncryptionConfiguration; read anew when it changes. Everything is kept clear when absent
 */
@ConfigurationProperties("quarterdeck.api.encryption")
public record EncryptionProperties(@Nullable Path providerConfig) {}
