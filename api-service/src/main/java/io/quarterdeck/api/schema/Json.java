package io.quarterdeck.api.schema;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** The JSON reader that all parts share: strict, numbers exact. */
public final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    static final JsonFactory FACTORY = MAPPER.tokenStreamFactory();

    private Json() {}

    /**
     * Reads a tree that this service wrote, or that has been judged before.
     *
     * @throws JacksonException when the bytes are no JSON
     */
    public static JsonNode tree(byte[] json) {
        JsonNode tree = MAPPER.readTree(json);
        return tree == null ? MissingNode.getInstance() : tree;
    }

    /**
     * Reads any JSON and reports repeated keys in upstream's words; a later one replaces an earlier one.
     *
     * @throws JacksonException when the bytes are no JSON
     */
    public static JsonNode tree(byte[] json, List<String> findings) {
        try (JsonParser parser = parser(json)) {
            if (parser.nextToken() == null) {
                return MissingNode.getInstance();
            }
            TreeReader reader = new TreeReader(parser);
            JsonNode tree = reader.readAny();
            if (parser.nextToken() != null) {
                return tree(json);
            }
            findings.addAll(reader.findings());
            return tree;
        }
    }

    static JsonParser parser(byte[] json) {
        return FACTORY.createParser(ObjectReadContext.empty(), text(json));
    }

    /** Go reads bytes that are no UTF-8 as replacement characters. */
    private static byte[] text(byte[] json) {
        for (byte each : json) {
            if (each < 0) {
                try {
                    UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
                    return json;
                } catch (CharacterCodingException broken) {
                    return new String(json, UTF_8).getBytes(UTF_8);
                }
            }
        }
        return json;
    }

    static JsonParser parser(JsonNode tree) {
        return tree.traverse(ObjectReadContext.empty());
    }
}
