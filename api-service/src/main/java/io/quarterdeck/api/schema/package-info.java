/** Schemas of kinds, and what follows from them: decoding with findings, defaults, canonical bytes, protobuf. */
@NullMarked
package io.quarterdeck.api.schema;

import org.jspecify.annotations.NullMarked;
