/** Connections that are passed through: to nodes for logs, exec, attach and port-forward, to pods and services. */
@NullMarked
package io.quarterdeck.api.proxy;

import org.jspecify.annotations.NullMarked;
