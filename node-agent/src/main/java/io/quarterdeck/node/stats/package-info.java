/** What pods and node use, read from cgroups: version 1 and version 2. */
@NullMarked
package io.quarterdeck.node.stats;

import org.jspecify.annotations.NullMarked;
