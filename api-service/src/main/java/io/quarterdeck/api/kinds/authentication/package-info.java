/** Who am I, whose token is this, give me a token: the authentication.k8s.io reviews. */
@NullMarked
package io.quarterdeck.api.kinds.authentication;

import org.jspecify.annotations.NullMarked;
