/** The ordered store on PostgreSQL: group commit by one flusher, an append-only log, and what keeps both in order. */
@NullMarked
package io.quarterdeck.api.store.postgres;

import org.jspecify.annotations.NullMarked;
