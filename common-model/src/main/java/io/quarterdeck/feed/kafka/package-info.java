/** The Kafka adapter of the change feed: topics while they are fresh, HTTP watch while they are not. */
@NullMarked
package io.quarterdeck.feed.kafka;

import org.jspecify.annotations.NullMarked;
