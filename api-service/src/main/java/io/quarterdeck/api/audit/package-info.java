/**
 * Who asked for what: audit ids, the access log without secrets, and the audit trail: a policy says what is recorded of a
 * request at which stage, backends keep it (file, Kafka, webhook).
 */
@NullMarked
package io.quarterdeck.api.audit;

import org.jspecify.annotations.NullMarked;
