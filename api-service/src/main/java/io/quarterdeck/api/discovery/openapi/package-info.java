/** The OpenAPI documents that clients read to learn about kinds: version 2 as one, version 3 by group version. */
@NullMarked
package io.quarterdeck.api.discovery.openapi;

import org.jspecify.annotations.NullMarked;
