/** Admission by others: webhooks that change objects or judge them. */
@NullMarked
package io.quarterdeck.api.admission.webhook;

import org.jspecify.annotations.NullMarked;
