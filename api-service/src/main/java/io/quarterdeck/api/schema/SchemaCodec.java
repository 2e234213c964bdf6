package io.quarterdeck.api.schema;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.schema.TreeReader.Refused;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The codec of all kinds that a {@link SchemaCatalog} knows. */
@Component
public final class SchemaCodec implements ObjectCodec {

    private static final byte[] MAGIC = {'k', '8', 's', 0};

    /** contentEncoding and contentType are written even when empty, as upstream does. */
    static final byte[] ENVELOPE_END = {3 << 3 | 2, 0, 4 << 3 | 2, 0};

    private static final String TYPE_HEADER =
            "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }";
    private static final String SCHEME = "pkg/api/legacyscheme/scheme.go:30";

    /** Of options and of what is told to others. */
    private static final String CLIENT_SCHEME = "pkg/runtime/scheme.go:111";

    /** Groups that upstream stores as JSON, which tells an empty list from none; protobuf does not. */
    private static final Set<String> STORED_AS_JSON = Set.of("apiextensions.k8s.io");

    private final SchemaCatalog catalog;
    private final Defaults defaults;
    private final FrameHeads frameHeads = new FrameHeads();

    public SchemaCodec() {
        this(SchemaCatalog.builtin(), Defaults.builtin());
    }

    SchemaCodec(SchemaCatalog catalog, Defaults defaults) {
        this.catalog = catalog;
        this.defaults = defaults;
    }

    @Override
    public boolean knows(GroupVersionKind kind) {
        return catalog.find(kind).isPresent();
    }

    private ObjectSchema schema(GroupVersionKind kind) {
        return catalog.find(kind)
                .orElseThrow(
                        () -> new IllegalArgumentException("no schema for " + kind.apiVersion() + " " + kind.kind()));
    }

    @Override
    public Decoded decode(byte[] body, Encoding encoding, GroupVersionKind expected) {
        return switch (encoding) {
            case JSON -> json(body, expected);
            case YAML -> yaml(body, expected);
            case PROTOBUF -> protobuf(body, expected);
        };
    }

    private Decoded json(byte[] body, GroupVersionKind expected) {
        try (JsonParser parser = Json.parser(body)) {
            Decoded decoded = tree(parser, expected, List.of(), Encoding.JSON, body, () -> Json.parser(body));
            if (parser.nextToken() != null) {
                throw unrecognized(expected, headerError(GoJson.syntaxError(body)), body);
            }
            return decoded;
        } catch (JacksonException e) {
            String error = GoJson.syntaxError(body);
            throw unrecognized(expected, headerError(error.isEmpty() ? "exceeded max depth" : error), body);
        }
    }

    private Decoded yaml(byte[] body, GroupVersionKind expected) {
        YamlReader.Result result;
        try {
            result = YamlReader.read(body);
        } catch (YamlReader.SyntaxException e) {
            throw unrecognized(expected, String.valueOf(e.getMessage()), body);
        }
        List<String> findings = result.duplicates().isEmpty() ? List.of() : List.of(result.duplicates());
        try (JsonParser parser = Json.parser(result.tree())) {
            return tree(parser, expected, findings, Encoding.YAML, body, () -> Json.parser(result.tree()));
        }
    }

    /**
     * Reads a JSON or YAML body by no schema: repeated keys are all that is found. The kind is what the body says, however
     * little that is.
     *
     * @throws StatusException as {@link #decode}
     */
    public Decoded decodeAny(byte[] body, Encoding encoding, GroupVersionKind expected) {
        if (encoding == Encoding.YAML) {
            try {
                YamlReader.Result result = YamlReader.read(body);
                List<String> findings = result.duplicates().isEmpty() ? List.of() : List.of(result.duplicates());
                try (JsonParser parser = Json.parser(result.tree())) {
                    return any(parser, expected, findings, Encoding.YAML, body);
                }
            } catch (YamlReader.SyntaxException e) {
                throw unrecognized(expected, String.valueOf(e.getMessage()), body);
            }
        }
        try (JsonParser parser = Json.parser(body)) {
            Decoded decoded = any(parser, expected, List.of(), Encoding.JSON, body);
            if (parser.nextToken() != null) {
                throw unrecognized(expected, headerError(GoJson.syntaxError(body)), body);
            }
            return decoded;
        } catch (JacksonException e) {
            String error = GoJson.syntaxError(body);
            throw unrecognized(expected, headerError(error.isEmpty() ? "exceeded max depth" : error), body);
        }
    }

    private static Decoded any(
            JsonParser parser, GroupVersionKind expected, List<String> before, Encoding encoding, byte[] body) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        List<String> findings = new ArrayList<>(before);
        if (opensObject(parser, expected, encoding, body)) {
            TreeReader reader = new TreeReader(parser);
            node = (ObjectNode) reader.readAny();
            findings.addAll(reader.findings());
        }
        GroupVersionKind named = GroupVersionKind.of(
                node.path("apiVersion").asString(""), node.path("kind").asString(""));
        return new Decoded(named, new Document(node), findings);
    }

    /**
     * Reads a part of an object by the definition that the OpenAPI document has of it, and brings it into normal form.
     *
     * @param findings told unknown and repeated fields: {@code unknown field "labels.x"}
     * @throws IllegalArgumentException with Go's text when it cannot be read
     */
    public ObjectNode part(JsonNode value, ObjectSchema schema, Consumer<String> findings) {
        if (value.isNull()) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (!value.isObject()) {
            throw new IllegalArgumentException(GoJson.misfit(value, schema.goType()));
        }
        try (JsonParser parser = Json.parser(value)) {
            parser.nextToken();
            TreeReader reader = new TreeReader(parser);
            ObjectNode node = reader.read(schema);
            reader.findings().forEach(findings);
            NormalForm.apply(node, schema);
            return node;
        } catch (Refused refused) {
            throw new IllegalArgumentException(refused.getMessage());
        }
    }

    /**
     * Reads by the expected schema, and again by another when it turns out that the body names another kind.
     *
     * @param again reads the body once more
     */
    private Decoded tree(
            JsonParser parser,
            GroupVersionKind expected,
            List<String> before,
            Encoding encoding,
            byte[] body,
            Supplier<JsonParser> again) {
        if (!opensObject(parser, expected, encoding, body)) {
            return finish(JsonNodeFactory.instance.objectNode(), expected, before);
        }
        return object(parser, expected, before, body, again);
    }

    /** Steps to the object that a body holds; false for a null. */
    private static boolean opensObject(JsonParser parser, GroupVersionKind expected, Encoding encoding, byte[] body) {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw unrecognized(expected, headerError("unexpected end of JSON input"), body);
        }
        if (first == JsonToken.VALUE_NULL) {
            return false;
        }
        if (first != JsonToken.START_OBJECT) {
            // A syntax error further on comes first, as Go checks the whole text before it looks at values.
            parser.skipChildren();
            while (parser.nextToken() != null) {
                parser.skipChildren();
            }
            String syntax = encoding == Encoding.YAML || body.length == 0 ? "" : GoJson.syntaxError(body);
            throw unrecognized(
                    expected,
                    headerError(
                            syntax.isEmpty() || body[0] != '[' && first == JsonToken.START_ARRAY
                                    ? GoJson.misfit(TreeReader.word(first), TYPE_HEADER)
                                    : syntax),
                    body);
        }
        return true;
    }

    private Decoded object(
            JsonParser parser,
            GroupVersionKind expected,
            List<String> before,
            byte[] body,
            Supplier<JsonParser> again) {
        TreeReader reader = new TreeReader(parser);
        ObjectNode node;
        try {
            node = reader.read(schema(expected));
        } catch (Refused refused) {
            ObjectNode whole = whole(again, expected, body);
            headerMisfit(again).ifPresent(misfit -> {
                throw unrecognized(expected, misfit, body);
            });
            GroupVersionKind named = Header.of(whole, expected);
            judge(named, expected);
            throw cannotBeHandled(named, expected, String.valueOf(refused.getMessage()));
        }
        GroupVersionKind named = KindAliases.today(Header.of(node, expected));
        if (!named.equals(expected)) {
            judge(named, expected);
            return named(whole(again, expected, body), named, expected, before);
        }
        List<String> findings = before;
        if (!reader.findings().isEmpty()) {
            findings = new ArrayList<>(before);
            findings.addAll(reader.findings());
        }
        return finish(node, named, findings);
    }

    /** The body by no schema. */
    private static ObjectNode whole(Supplier<JsonParser> again, GroupVersionKind expected, byte[] body) {
        try (JsonParser parser = again.get()) {
            parser.nextToken();
            ObjectNode tree = (ObjectNode) new TreeReader(parser).readAny();
            if (parser.nextToken() == null) {
                return tree;
            }
        } catch (JacksonException e) {
            // Told below, in the words of another parser.
        }
        throw unrecognized(expected, headerError(GoJson.syntaxError(body)), body);
    }

    /**
     * What upstream says of an object whose apiVersion or kind is no string: it looks for them before anything else, and
     * at each where they are repeated.
     *
     * @param json an object that can be read to its end
     */
    public static Optional<String> headerMisfit(byte[] json) {
        return headerMisfit(() -> Json.parser(json));
    }

    private static Optional<String> headerMisfit(Supplier<JsonParser> json) {
        try (JsonParser parser = json.get()) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if ((field.equals("apiVersion") || field.equals("kind"))
                        && value != JsonToken.VALUE_STRING
                        && value != JsonToken.VALUE_NULL) {
                    return Optional.of(headerError(GoJson.misfit(TreeReader.word(value), "." + field, "string")));
                }
                parser.skipChildren();
            }
            return Optional.empty();
        }
    }

    private Decoded named(JsonNode whole, GroupVersionKind named, GroupVersionKind expected, List<String> before) {
        TreeReader reader;
        try (JsonParser parser = Json.parser(whole)) {
            parser.nextToken();
            reader = new TreeReader(parser);
            ObjectNode node = reader.read(schema(named));
            List<String> findings = new ArrayList<>(before);
            findings.addAll(reader.findings());
            return finish(node, named, findings);
        } catch (Refused refused) {
            throw cannotBeHandled(named, expected, String.valueOf(refused.getMessage()));
        }
    }

    @Override
    public void requireKind(ObjectNode tree, GroupVersionKind kind) {
        String mismatch = mismatch(Header.of(tree, kind), kind);
        if (!mismatch.isEmpty()) {
            throw StatusException.badRequest(mismatch);
        }
    }

    /** Refuses kinds that are unknown or cannot become the expected one. */
    private void judge(GroupVersionKind named, GroupVersionKind expected) {
        String mismatch = mismatch(named, expected);
        if (!mismatch.isEmpty()) {
            throw cannotBeHandled(named, expected, mismatch);
        }
    }

    /** Why an object of the kind {@code named} is none of the expected one; "" when it is or can become one. */
    private String mismatch(GroupVersionKind named, GroupVersionKind expected) {
        if (named.equals(expected)) {
            return "";
        }
        if (isOptions(expected) && !isOptions(named)) {
            return noOptions(named.kind(), named.apiVersion());
        }
        if (!knows(named)) {
            return noKind(named.kind(), named.apiVersion(), SCHEME);
        }
        // What differs although it can be converted is told by the handler.
        boolean convertible =
                KindAliases.convertible(named, expected) || named.kind().equals(expected.kind()) && isOptions(expected);
        return convertible
                ? ""
                : "converting (%s.%s) to (%s.%s): unknown conversion"
                        .formatted(named.version(), named.kind(), internalPackage(expected), expected.kind());
    }

    /** What upstream says, which looks options up among options, where no other kind is. */
    public static String noOptions(String kind, String apiVersion) {
        return noKind(kind, apiVersion, CLIENT_SCHEME);
    }

    private static String noKind(String kind, String apiVersion, String scheme) {
        return "no kind %s is registered for version %s in scheme \"%s\""
                .formatted(GoQuote.quote(kind), GoQuote.quote(apiVersion), scheme);
    }

    private static String internalPackage(GroupVersionKind kind) {
        int dot = kind.group().indexOf('.');
        return kind.group().isEmpty()
                ? "core"
                : dot < 0 ? kind.group() : kind.group().substring(0, dot);
    }

    private static boolean isOptions(GroupVersionKind kind) {
        return kind.kind().endsWith("Options");
    }

    private Decoded finish(ObjectNode node, GroupVersionKind kind, List<String> findings) {
        node.put("apiVersion", kind.apiVersion());
        node.put("kind", kind.kind());
        NormalForm.applyToRequest(node, schema(kind));
        return new Decoded(kind, new Document(node), findings);
    }

    private static String headerError(String error) {
        return "couldn't get version/kind; json parse error: " + error;
    }

    /** The 400 for a body that names no kind, or cannot be read at all. */
    public static StatusException unrecognized(GroupVersionKind expected, String error, byte[] body) {
        return StatusException.badRequest(
                isOptions(expected)
                        ? error
                        : "the object provided is unrecognized (must be of type %s): %s (%s)"
                                .formatted(expected.kind(), error, GoJson.summary(body)));
    }

    /** The 400 for a body that cannot be an object of the expected kind. */
    public static StatusException cannotBeHandled(GroupVersionKind named, GroupVersionKind expected, String error) {
        return StatusException.badRequest(
                isOptions(expected)
                        ? error
                        : "%s in version %s cannot be handled as a %s: %s"
                                .formatted(named.kind(), GoQuote.quote(named.version()), expected.kind(), error));
    }

    /**
     * What strict field validation answers to findings: 400 in upstream's words.
     *
     * @param kind the kind that the body named
     */
    public static StatusException strict(GroupVersionKind kind, GroupVersionKind expected, List<String> findings) {
        return cannotBeHandled(kind, expected, "strict decoding error: " + String.join(", ", findings));
    }

    private Decoded protobuf(byte[] body, GroupVersionKind expected) {
        if (body.length < MAGIC.length || !Arrays.equals(MAGIC, 0, MAGIC.length, body, 0, MAGIC.length)) {
            String error = body.length == 0
                    ? "empty data"
                    : "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]";
            throw unrecognized(expected, error, body);
        }
        if (body.length == MAGIC.length) {
            throw unrecognized(expected, "empty body", body);
        }
        Unknown unknown;
        try {
            unknown = Unknown.read(body, MAGIC.length);
        } catch (Refused refused) {
            throw unrecognized(expected, String.valueOf(refused.getMessage()), body);
        }
        GroupVersionKind named =
                unknown.kind().isEmpty() && unknown.apiVersion().isEmpty()
                        ? expected
                        : GroupVersionKind.of(unknown.apiVersion(), unknown.kind());
        judge(named, expected);
        try {
            return finish(ProtobufReader.read(unknown.raw(), schema(named)), named, List.of());
        } catch (Refused refused) {
            throw cannotBeHandled(named, expected, String.valueOf(refused.getMessage()));
        } catch (JacksonException e) {
            throw cannotBeHandled(named, expected, "proto: embedded object is no JSON");
        }
    }

    @Override
    public Decoded check(ObjectNode tree, GroupVersionKind kind) {
        try (JsonParser parser = Json.parser(tree)) {
            parser.nextToken();
            TreeReader reader = new TreeReader(parser);
            ObjectNode node = reader.read(schema(kind));
            return finish(node, kind, List.copyOf(reader.findings()));
        } catch (Refused refused) {
            throw StatusException.badRequest(String.valueOf(refused.getMessage()));
        }
    }

    @Override
    public void applyDefaults(Document object, GroupVersionKind kind) {
        defaults.apply(object.tree(), schema(kind));
    }

    /** What an object of this kind holds before anything is said about it: the structs that are always there. */
    public static ObjectNode emptyObject(ObjectSchema schema) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        NormalForm.apply(node, schema);
        return node;
    }

    /** What Go would write of a request's tree: the tree itself, or a copy when that says more. */
    public static ObjectNode asWritten(ObjectNode tree, ObjectSchema schema) {
        ObjectNode written = NormalForm.saysMoreThanWritten(tree, schema) ? tree.deepCopy() : tree;
        NormalForm.applyToWritten(written, schema);
        return written;
    }

    @Override
    public byte[] canonical(Document object, GroupVersionKind kind) {
        catalog.find(kind).ifPresent(schema -> {
            if (STORED_AS_JSON.contains(kind.group())) {
                NormalForm.applyToWritten(object.tree(), schema);
            } else {
                NormalForm.apply(object.tree(), schema);
            }
        });
        return CanonicalJson.stored(object.tree());
    }

    @Override
    public Document read(byte[] body, GroupVersionKind kind) {
        byte[] whole = body;
        if (body.length > 0 && body[0] != '{') {
            whole = new byte[body.length + 1];
            whole[0] = '{';
            System.arraycopy(body, 0, whole, 1, body.length);
        }
        ObjectNode tree = (ObjectNode) Json.tree(whole);
        tree.put("apiVersion", kind.apiVersion());
        tree.put("kind", kind.kind());
        return new Document(tree);
    }

    @Override
    public byte[] json(ObjectNode tree) {
        return CanonicalJson.bytes(tree);
    }

    @Override
    public byte[] yaml(ObjectNode tree) {
        return YamlWriter.write(tree).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] protobuf(ObjectNode tree, GroupVersionKind kind) {
        return ProtobufWriter.message(tree, schema(kind));
    }

    @Override
    public byte[] envelope(byte[] message, GroupVersionKind kind) {
        byte[] head = envelopeHead(message.length, kind);
        byte[] enveloped = Arrays.copyOf(head, head.length + message.length + ENVELOPE_END.length);
        System.arraycopy(message, 0, enveloped, head.length, message.length);
        System.arraycopy(ENVELOPE_END, 0, enveloped, head.length + message.length, ENVELOPE_END.length);
        return enveloped;
    }

    /** Everything before the message: the magic number, the type, the message's tag and length. */
    static byte[] envelopeHead(long messageLength, GroupVersionKind kind) {
        ProtobufWriter head = new ProtobufWriter();
        head.header(2, messageLength);
        int behindType = head.written();
        head.bytes(2, kind.kind().getBytes(StandardCharsets.UTF_8));
        head.bytes(1, kind.apiVersion().getBytes(StandardCharsets.UTF_8));
        head.header(1, head.written() - behindType);
        head.raw(MAGIC);
        return head.bytes();
    }

    @Override
    public List<byte[]> watchFrame(String type, byte[] message, GroupVersionKind kind) {
        return List.of(frameHeads.get(type, kind, message.length), message, ENVELOPE_END);
    }

    @Override
    public List<byte[]> protobufList(ObjectNode metadata, List<byte[]> items, GroupVersionKind kind) {
        ObjectSchema meta = catalog.definition("io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta")
                .orElseThrow(() -> new IllegalStateException("no schema of list metadata"));
        ProtobufWriter listMeta = new ProtobufWriter();
        listMeta.bytes(1, ProtobufWriter.message(metadata, meta));
        List<byte[]> parts = new ArrayList<>(2 * items.size() + 3);
        byte[] first = listMeta.bytes();
        parts.add(first);
        long length = first.length;
        for (byte[] item : items) {
            byte[] head = ProtobufWriter.head(2, item.length);
            parts.add(head);
            parts.add(item);
            length += head.length + item.length;
        }
        parts.addFirst(envelopeHead(length, kind));
        parts.add(ENVELOPE_END);
        return parts;
    }

    /** The type that a body gives itself. */
    private static final class Header {

        static GroupVersionKind of(ObjectNode node, GroupVersionKind expected) {
            return named(text(node.get("apiVersion")), text(node.get("kind")), expected);
        }

        private static String text(@Nullable JsonNode node) {
            return node != null && node.isString() ? node.stringValue() : "";
        }

        private static GroupVersionKind named(String apiVersion, String kind, GroupVersionKind expected) {
            if (apiVersion.isEmpty() && kind.isEmpty()) {
                return expected;
            }
            GroupVersionKind given = GroupVersionKind.of(apiVersion, kind.isEmpty() ? expected.kind() : kind);
            return apiVersion.isEmpty()
                    ? new GroupVersionKind(expected.group(), expected.version(), given.kind())
                    : given;
        }
    }

    /** runtime.Unknown: the message that carries any kind. */
    private record Unknown(String apiVersion, String kind, byte[] raw) {

        static Unknown read(byte[] data, int from) {
            ProtobufReader reader = new ProtobufReader(data, from);
            String apiVersion = "";
            String kind = "";
            byte[] raw = new byte[0];
            while (reader.position() < data.length) {
                int tag = (int) reader.varint(data.length);
                switch (tag >>> 3) {
                    case 1 -> {
                        int end = reader.length(tag, data.length);
                        while (reader.position() < end) {
                            int inner = (int) reader.varint(end);
                            switch (inner >>> 3) {
                                case 1 -> apiVersion = reader.text(inner, end);
                                case 2 -> kind = reader.text(inner, end);
                                default -> reader.skip(inner, end);
                            }
                        }
                    }
                    case 2 -> {
                        int end = reader.length(tag, data.length);
                        raw = Arrays.copyOfRange(data, reader.position(), end);
                        reader.moveTo(end);
                    }
                    default -> reader.skip(tag, data.length);
                }
            }
            return new Unknown(apiVersion, kind, raw);
        }
    }
}
