/** What the Pod Security Standards forbid, control by control and version by version. */
@NullMarked
package io.quarterdeck.api.admission.podsecurity;

import org.jspecify.annotations.NullMarked;
