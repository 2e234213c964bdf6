/** What the server says about itself: discovery, OpenAPI, version, health, metrics. */
@NullMarked
package io.quarterdeck.api.discovery;

import org.jspecify.annotations.NullMarked;
