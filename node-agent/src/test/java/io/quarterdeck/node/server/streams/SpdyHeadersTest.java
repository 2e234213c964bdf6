package io.quarterdeck.node.server.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.zip.Adler32;
import org.junit.jupiter.api.Test;

class SpdyHeadersTest {

    @Test
    void theDictionaryIsTheSpecifications() {
        Adler32 checksum = new Adler32();
        checksum.update(SpdyHeaders.DICTIONARY);
        assertThat(Long.toHexString(checksum.getValue())).isEqualTo("e3c6a7c2");
    }

    @Test
    void blocksShareOneContext() throws Exception {
        SpdyHeaders writer = new SpdyHeaders();
        SpdyHeaders reader = new SpdyHeaders();
        for (int i = 0; i < 3; i++) {
            Map<String, String> headers = Map.of("streamtype", "data", "port", "80", "requestid", "" + i);
            assertThat(reader.read(writer.write(headers))).isEqualTo(headers);
        }
    }
}
