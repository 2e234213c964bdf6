/** Counts what namespaces use of their resource quotas. */
@NullMarked
package io.quarterdeck.controller.resourcequota;

import org.jspecify.annotations.NullMarked;
