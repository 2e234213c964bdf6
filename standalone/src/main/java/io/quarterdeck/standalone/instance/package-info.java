/** One Quarterdeck on this machine: its directory, its ports, what it says about itself. Needs the JDK alone. */
@NullMarked
package io.quarterdeck.standalone.instance;

import org.jspecify.annotations.NullMarked;
