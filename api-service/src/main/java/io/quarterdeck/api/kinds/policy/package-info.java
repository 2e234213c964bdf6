/** The kinds of the policy group. */
@NullMarked
package io.quarterdeck.api.kinds.policy;

import org.jspecify.annotations.NullMarked;
