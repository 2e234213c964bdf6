/** How a component reaches the API: kubeconfig in, a ready client out. */
@NullMarked
package io.quarterdeck.client;

import org.jspecify.annotations.NullMarked;
