/** Signs what machines read before they trust the cluster. */
@NullMarked
package io.quarterdeck.controller.bootstrapsigner;

import org.jspecify.annotations.NullMarked;
