/** Events, which two API groups serve from one storage. */
@NullMarked
package io.quarterdeck.api.kinds.events;

import org.jspecify.annotations.NullMarked;
