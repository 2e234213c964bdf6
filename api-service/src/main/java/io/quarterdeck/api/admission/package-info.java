/** What may pass: the chain of plugins between decoding and the store. */
@NullMarked
package io.quarterdeck.api.admission;

import org.jspecify.annotations.NullMarked;
