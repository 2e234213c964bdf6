/** Who the node is: how it joins by a bootstrap token, and how its certificates are renewed while it runs. */
@NullMarked
package io.quarterdeck.node.identity;

import org.jspecify.annotations.NullMarked;
