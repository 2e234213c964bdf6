/** Replica sets: a number of pods of one template. */
@NullMarked
package io.quarterdeck.controller.replicaset;

import org.jspecify.annotations.NullMarked;
