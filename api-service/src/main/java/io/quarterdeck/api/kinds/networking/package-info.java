/** The kinds of the networking.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.networking;

import org.jspecify.annotations.NullMarked;
