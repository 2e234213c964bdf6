/** The kinds of the autoscaling group, and the conversion between their versions. */
@NullMarked
package io.quarterdeck.api.kinds.autoscaling;

import org.jspecify.annotations.NullMarked;
