/** What all kinds share: the strategy that is a table of rules, Table columns, printing of cells. */
@NullMarked
package io.quarterdeck.api.kinds;

import org.jspecify.annotations.NullMarked;
