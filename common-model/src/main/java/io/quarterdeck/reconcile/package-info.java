/** The reconcile engine: keys in a queue, a pure decision, a runner that performs it. */
@NullMarked
package io.quarterdeck.reconcile;

import org.jspecify.annotations.NullMarked;
