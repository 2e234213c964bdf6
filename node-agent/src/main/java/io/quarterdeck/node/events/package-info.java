/** Tells people what happens to pods and to the node, as Event objects. */
@NullMarked
package io.quarterdeck.node.events;

import org.jspecify.annotations.NullMarked;
