package io.quarterdeck.node.runtime;

/** Which engine runs the containers, as a node's {@code status.nodeInfo} names it. */
public record RuntimeVersion(
        String name, String version, String operatingSystem, String architecture, String rootDir) {}
