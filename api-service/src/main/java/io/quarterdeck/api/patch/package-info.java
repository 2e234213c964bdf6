/** How a change is worked into an object: JSON, merge and strategic patches, server-side apply, field ownership. */
@NullMarked
package io.quarterdeck.api.patch;

import org.jspecify.annotations.NullMarked;
