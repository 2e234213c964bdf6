/** The kinds of the apps group: workloads that keep pods running. */
@NullMarked
package io.quarterdeck.api.kinds.apps;

import org.jspecify.annotations.NullMarked;
