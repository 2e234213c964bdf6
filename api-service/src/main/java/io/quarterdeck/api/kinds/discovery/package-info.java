/** The kinds of the discovery.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.discovery;

import org.jspecify.annotations.NullMarked;
