/** Service rules as an nftables table: a program, its differences, and the kernel. */
@NullMarked
package io.quarterdeck.proxy.nftables;

import org.jspecify.annotations.NullMarked;
