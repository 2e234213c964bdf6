/** The kinds of the flowcontrol.apiserver.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.flowcontrol;

import org.jspecify.annotations.NullMarked;
