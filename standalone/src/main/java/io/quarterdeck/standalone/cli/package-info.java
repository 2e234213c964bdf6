/** The commands of {@code ./quarterdeck}: what users type, what they read, and how they are told what went wrong. */
@NullMarked
package io.quarterdeck.standalone.cli;

import org.jspecify.annotations.NullMarked;
