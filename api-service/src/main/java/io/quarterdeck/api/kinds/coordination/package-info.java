/** The kinds of the coordination.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.coordination;

import org.jspecify.annotations.NullMarked;
