/** What a node needs of a container engine, in the words of upstream's Container Runtime Interface. Knows no engine. */
@NullMarked
package io.quarterdeck.node.runtime;

import org.jspecify.annotations.NullMarked;
