/** The server: embedded PostgreSQL and Kafka in a parent context, one child context for each part. Wiring only. */
@NullMarked
package io.quarterdeck.standalone.server;

import org.jspecify.annotations.NullMarked;
