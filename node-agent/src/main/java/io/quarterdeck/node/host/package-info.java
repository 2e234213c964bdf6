/** The machine below: its commands, its files. */
@NullMarked
package io.quarterdeck.node.host;

import org.jspecify.annotations.NullMarked;
