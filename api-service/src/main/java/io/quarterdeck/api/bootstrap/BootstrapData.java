package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.document.Document;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Lists of objects that come with the service. */
final class BootstrapData {

    private BootstrapData() {}

    static List<Document> read(String file) {
        try (InputStream stream = BootstrapData.class.getResourceAsStream(file)) {
            if (stream == null) {
                throw new IllegalStateException("the service lacks its " + file);
            }
            List<Document> objects = new ArrayList<>();
            JsonMapper.shared().readTree(stream).forEach(node -> objects.add(new Document((ObjectNode) node)));
            return objects;
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }
}
