/** Asks containers how they are: start-up, liveness and readiness probes, and the handlers that hooks share with them. */
@NullMarked
package io.quarterdeck.node.probes;

import org.jspecify.annotations.NullMarked;
