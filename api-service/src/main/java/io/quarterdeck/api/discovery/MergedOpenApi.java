package io.quarterdeck.api.discovery;

import io.quarterdeck.api.discovery.openapi.OpenApiDocuments.OpenApiDocument;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Our OpenAPI documents with what others serve through us. The merged v2 is made once for each change. Thread-safe. */
final class MergedOpenApi {

    private final ExtraGroups extra;
    private volatile @Nullable Merged lastV2;

    private record Merged(OpenApiDocument own, long generation, OpenApiDocument document) {}

    MergedOpenApi(ExtraGroups extra) {
        this.extra = extra;
    }

    OpenApiDocument v2(OpenApiDocument own) {
        List<ObjectNode> others = extra.openApiV2();
        if (others.isEmpty()) {
            return own;
        }
        long generation = extra.generation();
        Merged before = lastV2;
        if (before != null
                && before.generation() == generation
                && before.own().hash().equals(own.hash())) {
            return before.document();
        }
        ObjectNode whole = (ObjectNode) JsonMapper.shared().readTree(own.bytes());
        for (ObjectNode other : others) {
            for (String part : List.of("paths", "definitions")) {
                if (whole.get(part) instanceof ObjectNode into) {
                    other.path(part).properties().forEach(entry -> {
                        // What both define is ours: a type of the API machinery.
                        if (!into.has(entry.getKey())) {
                            into.set(entry.getKey(), entry.getValue());
                        }
                    });
                }
            }
        }
        OpenApiDocument document = OpenApiDocument.of(whole);
        lastV2 = new Merged(own, generation, document);
        return document;
    }

    OpenApiDocument index(OpenApiDocument own) {
        if (extra.openApiPaths().isEmpty()) {
            return own;
        }
        ObjectNode whole = (ObjectNode) JsonMapper.shared().readTree(own.bytes());
        if (whole.get("paths") instanceof ObjectNode paths) {
            extra.openApiPaths()
                    .forEach(path -> other(path)
                            .ifPresent(document -> paths.putObject(path)
                                    .put(
                                            "serverRelativeURL",
                                            "/openapi/v3/%s?hash=%s".formatted(path, document.hash()))));
        }
        return OpenApiDocument.of(whole);
    }

    Optional<OpenApiDocument> other(String path) {
        return extra.openApi(path)
                .map(document -> document.hash().isEmpty()
                        ? OpenApiDocument.of(JsonMapper.shared().readTree(document.bytes()))
                        : new OpenApiDocument(document.bytes(), document.hash()));
    }
}
