/** Cluster roles that gather the rules of others. */
@NullMarked
package io.quarterdeck.controller.clusterrole;

import org.jspecify.annotations.NullMarked;
