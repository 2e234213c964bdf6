/** The operations dashboard over the parts' management endpoints: Spring Boot Admin, started when somebody looks. */
@NullMarked
package io.quarterdeck.standalone.dashboard;

import org.jspecify.annotations.NullMarked;
