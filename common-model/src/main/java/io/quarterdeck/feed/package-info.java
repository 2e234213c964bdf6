/** Informers: a local, indexed, ordered view of objects, kept current by Kafka or by HTTP watch. */
@NullMarked
package io.quarterdeck.feed;

import org.jspecify.annotations.NullMarked;
