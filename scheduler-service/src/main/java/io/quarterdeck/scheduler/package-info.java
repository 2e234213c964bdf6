/** Picks a node for each pod: wiring, the loop, and what it does to the world. */
@NullMarked
package io.quarterdeck.scheduler;

import org.jspecify.annotations.NullMarked;
