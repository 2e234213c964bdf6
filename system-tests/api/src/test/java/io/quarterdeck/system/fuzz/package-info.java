/** Bad input: requests made by chance from a seed, and what every answer must hold to. */
@NullMarked
package io.quarterdeck.system.fuzz;

import org.jspecify.annotations.NullMarked;
