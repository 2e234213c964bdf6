/** The kinds of the resource.k8s.io group: dynamic resource allocation. */
@NullMarked
package io.quarterdeck.api.kinds.resource;

import org.jspecify.annotations.NullMarked;
