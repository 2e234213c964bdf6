/** The kinds of the admissionregistration.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.admissionregistration;

import org.jspecify.annotations.NullMarked;
