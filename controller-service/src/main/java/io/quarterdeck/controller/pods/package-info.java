/** What controllers know about pods: their states, how they are made from a template, who owns them. Pure. */
@NullMarked
package io.quarterdeck.controller.pods;

import org.jspecify.annotations.NullMarked;
