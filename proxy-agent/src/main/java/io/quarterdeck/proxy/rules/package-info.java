/** Decides where a node sends traffic for Services. Pure: services and endpoint slices in, rules out. */
@NullMarked
package io.quarterdeck.proxy.rules;

import org.jspecify.annotations.NullMarked;
