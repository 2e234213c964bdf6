/** Tells in the status of admission policies where their expressions do not fit the types that they will meet. */
@NullMarked
package io.quarterdeck.controller.policystatus;

import org.jspecify.annotations.NullMarked;
