/** An object as a JSON tree while a request works on it. Knows no kind. */
@NullMarked
package io.quarterdeck.api.document;

import org.jspecify.annotations.NullMarked;
