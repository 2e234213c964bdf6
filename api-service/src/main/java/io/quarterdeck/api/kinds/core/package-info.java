/** The kinds of the core group, and the rules about pod specs that workloads share. */
@NullMarked
package io.quarterdeck.api.kinds.core;

import org.jspecify.annotations.NullMarked;
