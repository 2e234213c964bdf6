/** The watch cache: stored bytes in an ordered tree, indexes, and a ring of recent events. */
@NullMarked
package io.quarterdeck.api.cache;

import org.jspecify.annotations.NullMarked;
