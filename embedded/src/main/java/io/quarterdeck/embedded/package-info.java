/** What the embedded servers share. */
@NullMarked
package io.quarterdeck.embedded;

import org.jspecify.annotations.NullMarked;
