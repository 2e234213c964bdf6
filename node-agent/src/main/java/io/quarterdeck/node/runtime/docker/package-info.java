/** The container runtime on Docker. Nothing outside this package knows Docker. */
@NullMarked
package io.quarterdeck.node.runtime.docker;

import org.jspecify.annotations.NullMarked;
