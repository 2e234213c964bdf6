/** May someone do something: the authorization.k8s.io reviews. */
@NullMarked
package io.quarterdeck.api.kinds.authorization;

import org.jspecify.annotations.NullMarked;
