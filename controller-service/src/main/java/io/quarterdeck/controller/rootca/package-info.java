/** The CA certificate that pods verify the API with, published to each namespace. */
@NullMarked
package io.quarterdeck.controller.rootca;

import org.jspecify.annotations.NullMarked;
