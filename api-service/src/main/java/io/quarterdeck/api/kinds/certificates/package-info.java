/** The kinds of the certificates.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.certificates;

import org.jspecify.annotations.NullMarked;
