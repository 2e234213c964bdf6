/** The kinds of the rbac.authorization.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.rbac;

import org.jspecify.annotations.NullMarked;
