/** Signs approved certificate requests of Kubernetes' own signers with the cluster's authority. */
@NullMarked
package io.quarterdeck.controller.csrsigning;

import org.jspecify.annotations.NullMarked;
