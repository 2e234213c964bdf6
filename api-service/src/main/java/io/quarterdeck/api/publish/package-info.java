/** The relay that copies the change log to Kafka; nothing else in the service waits for Kafka. */
@NullMarked
package io.quarterdeck.api.publish;

import org.jspecify.annotations.NullMarked;
