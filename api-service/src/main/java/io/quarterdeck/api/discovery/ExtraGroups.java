package io.quarterdeck.api.discovery;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Groups that other servers serve through this one, as discovery and OpenAPI show them. Found as a bean. Thread-safe. */
public interface ExtraGroups {

    /** Nothing beyond what this server serves itself. */
    ExtraGroups NONE = new ExtraGroups() {
        @Override
        public long generation() {
            return 0;
        }

        @Override
        public List<Group> groups() {
            return List.of();
        }

        @Override
        public int priority(String group) {
            return 0;
        }

        @Override
        public Collection<String> openApiPaths() {
            return List.of();
        }

        @Override
        public Optional<OpenApi> openApi(String path) {
            return Optional.empty();
        }

        @Override
        public List<ObjectNode> openApiV2() {
            return List.of();
        }
    };

    /**
     * @param versions the preferred one first
     * @param discovery an item of APIGroupDiscoveryList
     */
    record Group(String name, int priority, List<String> versions, ObjectNode discovery) {}

    /** @param hash changes with the bytes */
    record OpenApi(byte[] bytes, String hash) {}

    /** Grows when anything here may have changed. */
    long generation();

    List<Group> groups();

    /** The priority that an API service gives to any group, also one of this server's own; 0 when none does. */
    int priority(String group);

    /** Below {@code /openapi/v3/}: {@code apis/GROUP/VERSION}. */
    Collection<String> openApiPaths();

    Optional<OpenApi> openApi(String path);

    /** What is to be merged into {@code /openapi/v2}. */
    List<ObjectNode> openApiV2();
}
