/** What the real controller manager and scheduler did, replayed. */
@NullMarked
package io.quarterdeck.system.golden;

import org.jspecify.annotations.NullMarked;
