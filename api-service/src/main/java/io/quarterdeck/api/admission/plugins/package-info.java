/** The built-in admission plugins, one file each, under upstream's names. */
@NullMarked
package io.quarterdeck.api.admission.plugins;

import org.jspecify.annotations.NullMarked;
