/** What every system test starts and runs: {@code ./quarterdeck}, kubectl and other programs, as a user's shell would. */
@NullMarked
package io.quarterdeck.system.harness;

import org.jspecify.annotations.NullMarked;
