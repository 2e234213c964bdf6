/** Who is asking: certificates, tokens, anonymous. */
@NullMarked
package io.quarterdeck.api.authn;

import org.jspecify.annotations.NullMarked;
