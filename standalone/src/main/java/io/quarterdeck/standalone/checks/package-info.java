/**
 * Whether this machine can run Quarterdeck: one line of cause and one command that mends it for each problem. Needs the
 * JDK alone, so that {@code ./quarterdeck up} can run it from source before the first build.
 */
@NullMarked
package io.quarterdeck.standalone.checks;

import org.jspecify.annotations.NullMarked;
