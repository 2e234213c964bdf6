/** Which pod is next: active, backing off, or waiting for something to change. */
@NullMarked
package io.quarterdeck.scheduler.queue;

import org.jspecify.annotations.NullMarked;
