/** The kinds of the apiregistration.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.apiregistration;

import org.jspecify.annotations.NullMarked;
