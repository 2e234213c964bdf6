/** Cluster DNS, answered on the node from the same state as the rules. */
@NullMarked
package io.quarterdeck.proxy.dns;

import org.jspecify.annotations.NullMarked;
