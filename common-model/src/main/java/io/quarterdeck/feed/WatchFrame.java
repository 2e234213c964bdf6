package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.StatusException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/**
 * One frame of a watch, {@code {"type":…,"object":…}}, as HTTP watches and Kafka topics carry it.
 *
 * @param object null in a bookmark, and where a topic carries keys only
 */
public record WatchFrame<T extends HasMetadata>(
        Type type, long revision, @Nullable T object) {

    public enum Type {
        ADDED,
        MODIFIED,
        DELETED,
        BOOKMARK
    }

    /** @throws StatusException the error that the frame carries */
    public static <T extends HasMetadata> WatchFrame<T> read(
            ResourceType<T> resource, ObjectSerialization serialization, byte[] bytes) {
        String type = "";
        try (JsonParser parser = serialization.mapper().createParser(bytes)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("type")) {
                    type = parser.getString();
                } else if (field.equals("object") && parser.currentToken() == JsonToken.START_OBJECT) {
                    if (type.equals("ADDED") || type.equals("MODIFIED") || type.equals("DELETED")) {
                        T object = serialization.reader(resource.javaType()).readValue(parser);
                        return new WatchFrame<>(Type.valueOf(type), revisionOf(object), object);
                    }
                    JsonNode tree = parser.readValueAsTree();
                    if (type.equals("BOOKMARK")) {
                        return new WatchFrame<>(
                                Type.BOOKMARK,
                                Long.parseLong(tree.path("metadata")
                                        .path("resourceVersion")
                                        .asString("0")),
                                null);
                    }
                    throw new StatusException(
                            tree.path("code").asInt(500),
                            tree.path("reason").asString("Unknown"),
                            tree.path("message").asString("the watch failed"),
                            null);
                } else {
                    parser.skipChildren();
                }
            }
        }
        throw new StatusException(500, "InternalError", "a watch frame without an object", null);
    }

    /** Tells the sink, unless it knows already. */
    public void applyTo(ChangeSink<T> sink) {
        if (revision <= sink.revision() && type != Type.BOOKMARK) {
            return;
        }
        if (object == null) {
            sink.reached(revision);
        } else if (type == Type.DELETED) {
            sink.remove(revision, object);
        } else {
            sink.put(revision, object);
        }
    }

    private static long revisionOf(HasMetadata object) {
        return Long.parseLong(object.getMetadata().getResourceVersion());
    }
}
