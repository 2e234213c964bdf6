/** Who asked for what: audit ids and the access log, without secrets. */
@NullMarked
package io.quarterdeck.api.audit;

import org.jspecify.annotations.NullMarked;
