/** What is served and how it is written: the resource catalogue, strategies, the one write path. */
@NullMarked
package io.quarterdeck.api.registry;

import org.jspecify.annotations.NullMarked;
