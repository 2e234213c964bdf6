/** The kinds of the node.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.node;

import org.jspecify.annotations.NullMarked;
