package io.quarterdeck.proxy.nftables;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LibNftablesIT {

    @BeforeAll
    static void needsRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    }

    @Test
    void commandsTakeEffectAllOrNoneAndErrorsAreToldInItsOwnWords() {
        try (LibNftables nftables = new LibNftables()) {
            nftables.run("add table ip qd_library_test\nadd chain ip qd_library_test one\n");
            assertThatThrownBy(() -> nftables.run(
                            "add chain ip qd_library_test two\n" + "add rule ip qd_library_test two jump nowhere\n"))
                    .isInstanceOf(NftRunner.NftException.class)
                    .hasMessageContaining("No such file or directory");
            assertThatThrownBy(() -> nftables.run("delete chain ip qd_library_test two\n"))
                    .isInstanceOf(NftRunner.NftException.class);
            assertThatThrownBy(() -> nftables.run("no such command")).hasMessageContaining("syntax error");
            nftables.run("delete table ip qd_library_test\n");
        }
    }
}
