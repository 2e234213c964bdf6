/** The node's own HTTPS port under upstream's kubelet paths: logs, exec, attach, port-forward, pods, stats, health. */
@NullMarked
package io.quarterdeck.node.server;

import org.jspecify.annotations.NullMarked;
