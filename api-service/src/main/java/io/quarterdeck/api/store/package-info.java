/** The ordered store: the port. Objects and the order of their changes; adapters lie in postgres and memory. */
@NullMarked
package io.quarterdeck.api.store;

import org.jspecify.annotations.NullMarked;
