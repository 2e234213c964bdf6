/**
 * What can only be said to Tomcat's HTTP/2 from within its own package: the methods that write frames, and the
 * state of a stream, are visible nowhere else. See ADR "Frames of one connection share writes".
 */
@NullMarked
package org.apache.coyote.http2;

import org.jspecify.annotations.NullMarked;
