/** Keys and certificates of a cluster: authorities, what they issue, and the files that keep them. */
@NullMarked
package io.quarterdeck.pki;

import org.jspecify.annotations.NullMarked;
