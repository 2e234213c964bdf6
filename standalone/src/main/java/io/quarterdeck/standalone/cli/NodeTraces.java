package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.instance.Instance;

/** What the node and the proxy of an instance leave on the machine: containers, interfaces, mounts, rules. */
record NodeTraces(Instance instance) {
    void remove() throws InterruptedException {}
}
