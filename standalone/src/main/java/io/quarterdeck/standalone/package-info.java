/** The program behind {@code ./quarterdeck}. */
@NullMarked
package io.quarterdeck.standalone;

import org.jspecify.annotations.NullMarked;
