/** Real processes that are killed, stopped and starved under load, and the checker's verdict on what clients were answered. */
@NullMarked
package io.quarterdeck.system.faults;

import org.jspecify.annotations.NullMarked;
