package io.quarterdeck.client;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** JSON to typed objects and back, with the mapper open for streaming readers. Thread-safe. */
public final class ObjectSerialization extends KubernetesSerialization {

    private final ObjectMapper mapper;

    public ObjectSerialization() {
        super(JsonMapper.builder().build(), false);
        this.mapper = configureMapper(JsonMapper.builder().build());
    }

    /** Also reads values out of the middle of a stream. */
    public ObjectReader reader(Class<?> type) {
        return mapper.readerFor(type).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    public ObjectMapper mapper() {
        return mapper;
    }

    public byte[] bytes(Object value) {
        return mapper.writeValueAsBytes(value);
    }
}
