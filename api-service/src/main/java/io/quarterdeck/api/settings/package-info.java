/** Configuration files of the API server in Kubernetes' own forms (audit policy, encryption, authentication …). */
@NullMarked
package io.quarterdeck.api.settings;

import org.jspecify.annotations.NullMarked;
