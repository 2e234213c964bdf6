/** Load drivers. Each prints one line of JSON for each figure. */
@NullMarked
package io.quarterdeck.benchmarks;

import org.jspecify.annotations.NullMarked;
