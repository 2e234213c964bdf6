/** Clients that nobody here wrote, against the API: kubectl, client-go, fabric8, Python, Helm, k9s. */
@NullMarked
package io.quarterdeck.system.clients;

import org.jspecify.annotations.NullMarked;
