/** The objects that the API server itself keeps: system namespaces, default RBAC, its own Service, and the like. */
@NullMarked
package io.quarterdeck.api.bootstrap;

import org.jspecify.annotations.NullMarked;
