/** What clients asked and were answered, and whether one ordered store can have answered so. */
@NullMarked
package io.quarterdeck.system.history;

import org.jspecify.annotations.NullMarked;
