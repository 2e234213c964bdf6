/** What the kinds of storagemigration.k8s.io say beyond their schemas. */
@NullMarked
package io.quarterdeck.api.kinds.storagemigration;

import org.jspecify.annotations.NullMarked;
