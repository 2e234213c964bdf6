/** Holes that other API servers had, looked for in this one. */
package io.quarterdeck.api.holes;
