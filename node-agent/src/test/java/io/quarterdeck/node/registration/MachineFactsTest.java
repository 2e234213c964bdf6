package io.quarterdeck.node.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class MachineFactsTest {

    @Test
    void processorsAreTheMachinesOwn() {
        assertThat(MachineFacts.onlineProcessors("0-3,6")).hasValue(5);
        assertThat(MachineFacts.onlineProcessors("0")).hasValue(1);
        assertThat(MachineFacts.onlineProcessors("")).isEqualTo(OptionalInt.empty());
    }
}
