/** Encryption at rest: which kinds are sealed, with which keys, as Kubernetes' EncryptionConfiguration says. */
@NullMarked
package io.quarterdeck.api.encryption;

import org.jspecify.annotations.NullMarked;
