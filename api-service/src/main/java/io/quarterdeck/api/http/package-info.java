/** The Kubernetes REST API on the wire: paths, negotiation, dispatch, streaming, Status errors. */
@NullMarked
package io.quarterdeck.api.http;

import org.jspecify.annotations.NullMarked;
