/**
 * Calls from this server to webhooks: those that its operator names in files (identities, decisions, audit) and those that
 * objects of the API name (admission, conversion).
 */
@NullMarked
package io.quarterdeck.api.callout;

import org.jspecify.annotations.NullMarked;
