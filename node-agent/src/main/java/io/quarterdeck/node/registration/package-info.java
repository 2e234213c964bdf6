/** Says to the cluster that this node is there, what it has and how it is. */
@NullMarked
package io.quarterdeck.node.registration;

import org.jspecify.annotations.NullMarked;
