/** One pod, one snapshot, one decision: filtering, scoring, preemption. Pure. */
@NullMarked
package io.quarterdeck.scheduler.cycle;

import org.jspecify.annotations.NullMarked;
