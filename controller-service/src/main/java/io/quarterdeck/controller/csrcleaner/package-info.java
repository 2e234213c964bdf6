/** Removes certificate requests that nobody needs any more. */
@NullMarked
package io.quarterdeck.controller.csrcleaner;

import org.jspecify.annotations.NullMarked;
