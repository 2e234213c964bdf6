/** The kinds of the storage.k8s.io group. */
@NullMarked
package io.quarterdeck.api.kinds.storage;

import org.jspecify.annotations.NullMarked;
