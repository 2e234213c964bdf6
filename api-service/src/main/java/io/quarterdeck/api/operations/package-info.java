/** The wiring of store and cache, and what operators see of them: endpoints, metrics, history pages. */
@NullMarked
package io.quarterdeck.api.operations;

import org.jspecify.annotations.NullMarked;
