/** The words of the Kubernetes API that every part shares: keys, kinds, selectors, quantities, Status errors. Pure. */
@NullMarked
package io.quarterdeck.model;

import org.jspecify.annotations.NullMarked;
