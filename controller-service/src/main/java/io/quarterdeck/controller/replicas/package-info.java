/** Keeping a number of pods: shared by replica sets and replication controllers. Pure. */
@NullMarked
package io.quarterdeck.controller.replicas;

import org.jspecify.annotations.NullMarked;
