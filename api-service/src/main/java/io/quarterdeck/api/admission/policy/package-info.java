/** Policies in expressions: ValidatingAdmissionPolicy and MutatingAdmissionPolicy, and match conditions of webhooks. */
@NullMarked
package io.quarterdeck.api.admission.policy;

import org.jspecify.annotations.NullMarked;
