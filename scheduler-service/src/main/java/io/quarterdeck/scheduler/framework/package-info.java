/** What a scheduling rule sees and says: pods, nodes, one snapshot, verdicts. Pure. */
@NullMarked
package io.quarterdeck.scheduler.framework;

import org.jspecify.annotations.NullMarked;
