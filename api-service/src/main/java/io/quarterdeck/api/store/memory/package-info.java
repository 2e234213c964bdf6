/** The ordered store in memory, for fast tests and trials; nothing outlives the process. */
@NullMarked
package io.quarterdeck.api.store.memory;

import org.jspecify.annotations.NullMarked;
