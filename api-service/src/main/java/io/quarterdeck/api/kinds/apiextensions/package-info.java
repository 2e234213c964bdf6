/** The kinds of the apiextensions.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.apiextensions;

import org.jspecify.annotations.NullMarked;
