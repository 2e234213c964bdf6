/** Runs a Kafka broker and its controller inside this JVM, small, behind a password, and never fatal to the JVM. */
@NullMarked
package io.quarterdeck.embedded.kafka;

import org.jspecify.annotations.NullMarked;
