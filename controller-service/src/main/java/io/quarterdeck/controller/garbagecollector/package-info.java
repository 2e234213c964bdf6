/** Objects go with their owners: in the background, before them, or not at all. */
@NullMarked
package io.quarterdeck.controller.garbagecollector;

import org.jspecify.annotations.NullMarked;
