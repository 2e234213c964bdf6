/** Gives a sandbox its network: CNI on its namespace, the node's traffic rules, and the files that a resolver reads. */
@NullMarked
package io.quarterdeck.node.network;

import org.jspecify.annotations.NullMarked;
