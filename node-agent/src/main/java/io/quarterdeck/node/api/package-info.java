/** The node's ports to the API, over the shared client and informers. */
@NullMarked
package io.quarterdeck.node.api;

import org.jspecify.annotations.NullMarked;
