/** Brings each pod of this node to what its object says, and its object's status to what the pod is. */
@NullMarked
package io.quarterdeck.node.pods;

import org.jspecify.annotations.NullMarked;
