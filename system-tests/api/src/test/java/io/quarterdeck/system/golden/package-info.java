/** Recorded answers of a real API server, replayed. */
@NullMarked
package io.quarterdeck.system.golden;

import org.jspecify.annotations.NullMarked;
