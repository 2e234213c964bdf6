/** Runs PostgreSQL as a child of this JVM: durable, with a password, and stopped or taken back whatever happened before. */
@NullMarked
package io.quarterdeck.embedded.postgres;

import org.jspecify.annotations.NullMarked;
