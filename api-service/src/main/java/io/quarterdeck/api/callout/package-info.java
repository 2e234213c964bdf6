/** Calls from this server to servers that its operator names in files: webhooks for identities, decisions and audit. */
@NullMarked
package io.quarterdeck.api.callout;

import org.jspecify.annotations.NullMarked;
