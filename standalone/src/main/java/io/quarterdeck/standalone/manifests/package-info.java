/** What kinds and versions in people's files became: which to use today, and what to change in the file. */
@NullMarked
package io.quarterdeck.standalone.manifests;

import org.jspecify.annotations.NullMarked;
