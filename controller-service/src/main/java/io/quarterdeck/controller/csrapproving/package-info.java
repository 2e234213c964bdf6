/** Approves the client certificates of nodes whose requesters may ask for them. */
@NullMarked
package io.quarterdeck.controller.csrapproving;

import org.jspecify.annotations.NullMarked;
