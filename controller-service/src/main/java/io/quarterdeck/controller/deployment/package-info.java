/** Deployments: replica sets in succession, rolled from one template to the next. */
@NullMarked
package io.quarterdeck.controller.deployment;

import org.jspecify.annotations.NullMarked;
