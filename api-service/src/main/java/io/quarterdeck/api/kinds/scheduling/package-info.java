/** The kinds of the scheduling.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.scheduling;

import org.jspecify.annotations.NullMarked;
