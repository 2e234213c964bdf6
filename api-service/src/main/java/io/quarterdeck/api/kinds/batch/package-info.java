/** The kinds of the batch group: work that ends. */
@NullMarked
package io.quarterdeck.api.kinds.batch;

import org.jspecify.annotations.NullMarked;
