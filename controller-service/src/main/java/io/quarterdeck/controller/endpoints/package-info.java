/** Endpoints and endpoint slices: which addresses stand behind a service. */
@NullMarked
package io.quarterdeck.controller.endpoints;

import org.jspecify.annotations.NullMarked;
