/** Pods that nobody else removes. */
@NullMarked
package io.quarterdeck.controller.podgc;

import org.jspecify.annotations.NullMarked;
