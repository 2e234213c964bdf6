/** The command line, where the API alone is enough. */
@NullMarked
package io.quarterdeck.system.cli;

import org.jspecify.annotations.NullMarked;
