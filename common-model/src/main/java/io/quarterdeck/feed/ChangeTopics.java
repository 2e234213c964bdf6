package io.quarterdeck.feed;

import io.quarterdeck.model.GroupResource;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What changes look like on Kafka; the publisher writes it, {@link ChangeFeed}s read it. A resource has one topic with
 * one partition: key {@code namespace/name}, value a watch frame {@code {"type":…,"object":…}} (without the object where
 * the kind is encrypted at rest), headers as below, in the order of revisions; a DELETED frame is followed by a tombstone.
 */
public final class ChangeTopics {

    /** One record a second, also when nothing changes: see {@link Progress}. */
    public static final String PROGRESS = "quarterdeck.progress";

    /** Headers are decimal numbers and texts in UTF-8. */
    public static final String HEADER_REVISION = "revision";

    public static final String HEADER_PREVIOUS_REVISION = "previous-revision";
    public static final String HEADER_TYPE = "type";
    public static final String HEADER_UID = "uid";
    public static final String HEADER_TRANSACTION = "transaction";
    public static final String HEADER_ACTOR = "actor";
    public static final String HEADER_AT = "at";

    /** Of an object that a snapshot shows: the revision of the reset that it belongs to. */
    public static final String HEADER_SNAPSHOT = "snapshot";

    /**
     * The type of a record without value, under an empty key, which precedes a snapshot: whatever the topic told before
     * may be wrong.
     */
    public static final String RESET = "RESET";

    private static final JsonMapper JSON = JsonMapper.shared();

    private ChangeTopics() {}

    /** {@code quarterdeck.core.pods}, {@code quarterdeck.apps.deployments}. */
    public static String of(GroupResource resource) {
        return "quarterdeck." + (resource.group().isEmpty() ? "core" : resource.group()) + "." + resource.resource();
    }

    /**
     * A record of the progress topic: everything up to {@code revision} has been published before it. With
     * {@code reset}, something may never have been published, so whoever reads the topics must list anew.
     */
    public record Progress(long revision, long epoch, boolean reset) {

        public byte[] bytes() {
            return JSON.createObjectNode()
                    .put("type", reset ? RESET : "PROGRESS")
                    .put("revision", revision)
                    .put("epoch", epoch)
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
        }

        public static Progress read(byte[] value) {
            JsonNode tree = JSON.readTree(value);
            return new Progress(
                    tree.path("revision").asLong(),
                    tree.path("epoch").asLong(),
                    tree.path("type").asString("").equals(RESET));
        }
    }
}
