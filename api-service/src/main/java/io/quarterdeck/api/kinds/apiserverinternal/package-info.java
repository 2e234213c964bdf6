/** What the kinds of internal.apiserver.k8s.io say beyond their schemas. */
@NullMarked
package io.quarterdeck.api.kinds.apiserverinternal;

import org.jspecify.annotations.NullMarked;
