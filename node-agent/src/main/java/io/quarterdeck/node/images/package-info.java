/** Makes sure that a container's image is there: pull policy, credentials, back-off, and the events that tell of it. */
@NullMarked
package io.quarterdeck.node.images;

import org.jspecify.annotations.NullMarked;
