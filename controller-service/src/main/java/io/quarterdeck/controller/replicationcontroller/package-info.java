/** Replication controllers: what replica sets were before they had their name. */
@NullMarked
package io.quarterdeck.controller.replicationcontroller;

import org.jspecify.annotations.NullMarked;
