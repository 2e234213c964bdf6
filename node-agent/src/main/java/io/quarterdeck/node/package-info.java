/** The node-agent: wires its parts together and starts them. */
@NullMarked
package io.quarterdeck.node;

import org.jspecify.annotations.NullMarked;
