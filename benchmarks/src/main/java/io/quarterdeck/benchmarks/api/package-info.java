/** Drives Kubernetes API servers, ours and others, with one load and compares what it costs them. */
@NullMarked
package io.quarterdeck.benchmarks.api;

import org.jspecify.annotations.NullMarked;
