/** What the tests of several packages share. */
package io.quarterdeck.api.testing;
