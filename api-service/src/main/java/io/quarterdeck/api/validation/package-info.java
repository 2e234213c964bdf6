/** How an object is judged: places in it, rules about them, findings in upstream's words. Pure. */
@NullMarked
package io.quarterdeck.api.validation;

import org.jspecify.annotations.NullMarked;
