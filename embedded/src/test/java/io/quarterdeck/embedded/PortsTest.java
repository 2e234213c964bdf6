package io.quarterdeck.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void whatIsPromisedIsNeverChosen() {
        Set<Integer> seen = IntStream.range(0, 100_000)
                .mapToObj(i -> Ports.ANY.any())
                .collect(Collectors.toCollection(HashSet::new));
        int left = seen.iterator().next();
        seen.remove(left);
        assertThat(IntStream.range(0, 1_000).map(i -> Ports.besides(seen).any()))
                .noneMatch(seen::contains)
                .contains(left);
    }

    @Test
    void aReservedPortIsNobodyElsesUntilItIsGivenBack() throws Exception {
        Socket held = Ports.ANY.reserve();
        int port = held.getLocalPort();
        assertThat(Ports.isFree(port)).isFalse();
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port))
                .isInstanceOf(ConnectException.class);
        held.close();
        assertThat(Ports.isFree(port)).isTrue();
    }
}
