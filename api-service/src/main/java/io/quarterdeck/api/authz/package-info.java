/** Who may do what: RBAC and the node authorizer. Decisions are pure. */
@NullMarked
package io.quarterdeck.api.authz;

import org.jspecify.annotations.NullMarked;
