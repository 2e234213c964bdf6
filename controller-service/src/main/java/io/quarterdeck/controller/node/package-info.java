/** What follows from the state of nodes: taints, address ranges, unready pods, eviction, labels. */
@NullMarked
package io.quarterdeck.controller.node;

import org.jspecify.annotations.NullMarked;
