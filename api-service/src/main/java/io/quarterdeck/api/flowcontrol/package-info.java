/**
 * Priority and fairness: which requests run now, which wait, and which are refused, so that nobody's load starves others.
 */
@NullMarked
package io.quarterdeck.api.flowcontrol;

import org.jspecify.annotations.NullMarked;
