/** Puts a pod's volumes on the node's disk, and keeps those that mirror API objects current. */
@NullMarked
package io.quarterdeck.node.volumes;

import org.jspecify.annotations.NullMarked;
