/** The stream protocols between kubectl and a node: WebSocket channels and SPDY/3.1. Knows no pods. */
@NullMarked
package io.quarterdeck.node.server.streams;

import org.jspecify.annotations.NullMarked;
