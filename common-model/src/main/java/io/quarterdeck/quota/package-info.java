/** What objects use of a resource quota, as admission and the quota controller both count it. */
@NullMarked
package io.quarterdeck.quota;

import org.jspecify.annotations.NullMarked;
