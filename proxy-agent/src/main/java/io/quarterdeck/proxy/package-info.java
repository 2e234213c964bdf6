/** Makes Services work on one node: wiring and the loop from changes to rules. */
@NullMarked
package io.quarterdeck.proxy;

import org.jspecify.annotations.NullMarked;
