/** The API server as a whole: its start and its wiring. */
@NullMarked
package io.quarterdeck.api;

import org.jspecify.annotations.NullMarked;
