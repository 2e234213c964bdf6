/** Structural schemas of custom resources: what they keep, fill in and allow. Pure. */
@NullMarked
package io.quarterdeck.api.customresources.schema;

import org.jspecify.annotations.NullMarked;
