/** The end of a namespace: everything in it is removed before it goes. */
@NullMarked
package io.quarterdeck.controller.namespace;

import org.jspecify.annotations.NullMarked;
