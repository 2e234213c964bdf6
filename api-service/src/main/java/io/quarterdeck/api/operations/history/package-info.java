/** History pages over the change log: who changed what, and when. Read-only, through JPA; nothing here is hot. */
@NullMarked
package io.quarterdeck.api.operations.history;

import org.jspecify.annotations.NullMarked;
