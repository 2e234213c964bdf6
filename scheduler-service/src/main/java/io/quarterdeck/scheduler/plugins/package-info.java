/** One file for each scheduling rule, under upstream's names. Pure. */
@NullMarked
package io.quarterdeck.scheduler.plugins;

import org.jspecify.annotations.NullMarked;
