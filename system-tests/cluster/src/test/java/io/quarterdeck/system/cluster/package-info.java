/** Whole clusters: real containers, real packets, services apart. */
@NullMarked
package io.quarterdeck.system.cluster;

import org.jspecify.annotations.NullMarked;
