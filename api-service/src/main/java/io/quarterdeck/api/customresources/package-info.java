/**
 * Custom resources: a CustomResourceDefinition becomes resource definitions that the same engine serves as built-in ones.
 */
@NullMarked
package io.quarterdeck.api.customresources;

import org.jspecify.annotations.NullMarked;
