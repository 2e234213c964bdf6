/** Removes bootstrap tokens that have expired. */
@NullMarked
package io.quarterdeck.controller.tokencleaner;

import org.jspecify.annotations.NullMarked;
