package io.quarterdeck.api.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;

/** The data files of Kubernetes' API that the service is built with. */
public enum ApiData {
    OPENAPI_V2("kubernetes-1.36-openapi-v2.json.gz"),
    PROTOBUF_FIELDS("kubernetes-1.36-protobuf-fields.json.gz"),
    GO_FIELDS("kubernetes-1.36-go-fields.json.gz"),
    ENUMS("kubernetes-1.36-enums.json"),
    RESOURCES("resources.json");

    private final String file;

    ApiData(String file) {
        this.file = file;
    }

    /** The whole file, unpacked. */
    public byte[] bytes() {
        try (InputStream packed = ApiData.class.getResourceAsStream(file)) {
            if (packed == null) {
                throw new IllegalStateException("missing resource " + file);
            }
            return (file.endsWith(".gz") ? new GZIPInputStream(packed, 1 << 16) : packed).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read resource " + file, e);
        }
    }
}
