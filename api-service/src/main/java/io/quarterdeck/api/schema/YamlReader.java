package io.quarterdeck.api.schema;

import io.quarterdeck.model.GoQuote;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.scanner.ScannerException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the first document of a YAML stream into a JSON tree with the types that upstream's YAML 1.1 library would give
 * ({@code yes} is a boolean). Only plain data: tags make no objects, and aliases are bounded.
 */
public final class YamlReader {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String UNMARSHAL_ERRORS = "yaml: unmarshal errors:";
    private static final int MOST_NODES = 1_000_000;
    private static final Set<String> TRUE =
            Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
    private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");
    private static final Map<String, String> NO_NUMBERS =
            Map.of(".inf", "+Inf", "+.inf", "+Inf", "-.inf", "-Inf", ".nan", "NaN");
    private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

    private final List<String> duplicates = new ArrayList<>();
    private int nodes;

    /** @param duplicates what Go's strict YAML decoder says of repeated keys; "" when there are none */
    public record Result(JsonNode tree, String duplicates) {}

    /** What is found in a body as a client is warned of it: of repeated keys one by one. */
    public static List<String> warnings(String finding) {
        return finding.startsWith(UNMARSHAL_ERRORS)
                ? finding.lines().skip(1).map(String::strip).toList()
                : List.of(finding);
    }

    /** The bytes are no YAML; the message is Go's, {@code yaml: …}. */
    public static final class SyntaxException extends RuntimeException {
        private SyntaxException(String message) {
            super(message, null, false, false);
        }
    }

    /** The nodes around the one at hand: an alias may not lead back to one of them. */
    private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());

    private YamlReader() {}

    /** @throws SyntaxException when the bytes are no YAML */
    public static Result read(byte[] body) {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(1_000);
        options.setNestingDepthLimit(500);
        options.setCodePointLimit(Integer.MAX_VALUE);
        // Tags make no objects here, so that any is as good as none.
        options.setTagInspector(tag -> true);
        YamlReader reader = new YamlReader();
        try {
            Node root = null;
            for (Node document :
                    new Yaml(options).composeAll(new StringReader(new String(body, StandardCharsets.UTF_8)))) {
                root = document;
                break;
            }
            JsonNode tree = root == null ? NODES.nullNode() : reader.convert(root);
            return new Result(
                    tree,
                    reader.duplicates.isEmpty() ? "" : UNMARSHAL_ERRORS + "\n" + String.join("\n", reader.duplicates));
        } catch (MarkedYAMLException e) {
            String problem = e.getProblem() == null ? "" : e.getProblem();
            throw new SyntaxException("yaml: " + goLine(e, problem) + goText(problem));
        } catch (YAMLException e) {
            throw new SyntaxException("yaml: "
                    + goText(String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
        }
    }

    /** Go counts lines from 0 in its parser and from 1 in its scanner, sees the end on a line of its own, and hides 0. */
    private static String goLine(MarkedYAMLException error, String problem) {
        int line = error.getProblemMark() == null ? 0 : error.getProblemMark().getLine();
        boolean end = problem.contains("<stream end>");
        if (end || line > 0 && error instanceof ScannerException) {
            line++;
        }
        return line > 0 ? "line " + line + ": " : "";
    }

    private static String goText(String problem) {
        if (problem.startsWith("mapping values are not allowed")) {
            return "mapping values are not allowed in this context";
        }
        if (problem.startsWith("found incompatible YAML document")) {
            return "found incompatible YAML document";
        }
        if (problem.startsWith("expected the node content")) {
            return "did not find expected node content";
        }
        if (problem.startsWith("expected <block end>")) {
            return problem.contains("block sequence")
                    ? "did not find expected '-' indicator"
                    : "did not find expected key";
        }
        if (problem.startsWith("expected ',' or ")) {
            return "did not find "
                    + problem.substring(0, problem.indexOf(", but") < 0 ? problem.length() : problem.indexOf(", but"));
        }
        if (problem.startsWith("found character '\\t")) {
            return "found character that cannot start any token";
        }
        return problem.startsWith("special characters are not allowed")
                ? "control characters are not allowed"
                : problem;
    }

    private JsonNode convert(Node node) {
        if (++nodes > MOST_NODES) {
            throw new SyntaxException("yaml: document contains excessive aliasing");
        }
        if (!open.add(node)) {
            throw new SyntaxException("yaml: anchor '%s' value contains itself".formatted(node.getAnchor()));
        }
        JsonNode converted = switch (node) {
            case MappingNode mapping -> mapping(mapping);
            case SequenceNode sequence -> {
                ArrayNode array = NODES.arrayNode();
                sequence.getValue().forEach(item -> array.add(convert(item)));
                yield array;
            }
            case ScalarNode scalar -> scalar(scalar);
            default -> NODES.nullNode();
        };
        open.remove(node);
        return converted;
    }

    private ObjectNode mapping(MappingNode mapping) {
        ObjectNode object = NODES.objectNode();
        Map<String, Node> merged = new HashMap<>();
        JsonNode nameless = null;
        for (NodeTuple tuple : mapping.getValue()) {
            Node keyNode = tuple.getKeyNode();
            if (keyNode instanceof ScalarNode scalar && Tag.MERGE.equals(scalar.getTag())) {
                merged.put("<<", tuple.getValueNode());
                continue;
            }
            JsonNode keyValue = convert(keyNode);
            if (keyValue.isContainer()) {
                throw new SyntaxException("yaml: invalid map key: " + GoText.syntax(keyValue));
            }
            if (keyValue.isNull()) {
                nameless = convert(tuple.getValueNode());
                continue;
            }
            String key = keyValue.asString();
            if (object.has(key)) {
                // Go names the line of the value.
                duplicates.add("  line %d: key \"%s\" already set in map"
                        .formatted(tuple.getValueNode().getStartMark().getLine() + 1, key));
            }
            object.set(key, convert(tuple.getValueNode()));
        }
        if (nameless != null) {
            throw new SyntaxException("unsupported map key of type: %!s(<nil>), key: <nil>, value: "
                    + (nameless.isString() ? GoQuote.quote(nameless.stringValue()) : nameless.asString("<nil>")));
        }
        merged.values().forEach(value -> merge(object, value));
        return object;
    }

    private void merge(ObjectNode into, Node from) {
        if (from instanceof SequenceNode sequence) {
            sequence.getValue().forEach(item -> merge(into, item));
        } else if (convert(from) instanceof ObjectNode object) {
            object.properties().forEach(entry -> {
                if (!into.has(entry.getKey())) {
                    into.set(entry.getKey(), entry.getValue());
                }
            });
        }
    }

    private static JsonNode scalar(ScalarNode scalar) {
        String text = scalar.getValue();
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            int line = scalar.getStartMark().getLine();
            throw new SyntaxException("yaml: " + (line == 0 ? "" : "line " + (line + 1) + ": ")
                    + "found invalid Unicode character escape code");
        }
        if (Tag.BINARY.equals(scalar.getTag())) {
            return binary(text);
        }
        if (scalar.getScalarStyle() != ScalarStyle.PLAIN || Tag.STR.equals(scalar.getTag()) && explicit(scalar)) {
            return NODES.stringNode(text);
        }
        String noNumber = NO_NUMBERS.get(text.toLowerCase(Locale.ROOT));
        if (noNumber != null) {
            // JSON, which upstream makes of it, cannot say that.
            throw new SyntaxException("json: unsupported value: " + noNumber);
        }
        return plain(text);
    }

    private static JsonNode binary(String text) {
        try {
            return NODES.stringNode(
                    new String(Base64.getDecoder().decode(text.replaceAll("\\s", "")), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new SyntaxException("yaml: !!binary value contains invalid base64 data");
        }
    }

    /** What an unquoted scalar means. */
    static JsonNode plain(String text) {
        if (NULL.contains(text)) {
            return NODES.nullNode();
        }
        if (TRUE.contains(text)) {
            return NODES.booleanNode(true);
        }
        if (FALSE.contains(text)) {
            return NODES.booleanNode(false);
        }
        char first = text.charAt(0);
        return first == '-' || first == '+' || first == '.' || Character.isDigit(first)
                ? number(text)
                : NODES.stringNode(text);
    }

    /** A plain scalar that the resolver would type otherwise carries the string tag only when it was written out. */
    private static boolean explicit(ScalarNode scalar) {
        return scalar.getEndMark().getIndex() - scalar.getStartMark().getIndex()
                > scalar.getValue().length();
    }

    private static JsonNode number(String text) {
        String plain = text.replace("_", "");
        boolean negative = plain.startsWith("-");
        String digits = negative || plain.startsWith("+") ? plain.substring(1) : plain;
        try {
            if (digits.matches("[0-9]+")) {
                boolean octal = digits.length() > 1 && digits.charAt(0) == '0' && digits.matches("[0-7]+");
                if (digits.length() == 1 || digits.charAt(0) != '0' || octal) {
                    BigInteger value = new BigInteger(digits, octal ? 8 : 10);
                    if (fits(value, negative)) {
                        return integer(value, negative);
                    }
                }
            }
            int radix = digits.startsWith("0x") ? 16 : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 0;
            if (radix > 0) {
                BigInteger value = new BigInteger(digits.substring(2), radix);
                return fits(value, negative) ? integer(value, negative) : NODES.stringNode(text);
            }
        } catch (NumberFormatException e) {
            return NODES.stringNode(text);
        }
        if (FLOAT.matcher(plain).matches()) {
            double value = Double.parseDouble(plain);
            if (Double.isFinite(value)) {
                return TreeReader.wholeOrDouble(value);
            }
        }
        return NODES.stringNode(text);
    }

    /** What no integer of Go can hold is read as a fraction, and as text when that is too small, too. */
    private static boolean fits(BigInteger magnitude, boolean negative) {
        return negative ? magnitude.negate().bitLength() < 64 : magnitude.bitLength() <= 64;
    }

    private static JsonNode integer(BigInteger magnitude, boolean negative) {
        BigInteger value = negative ? magnitude.negate() : magnitude;
        if (value.bitLength() < 32) {
            return NODES.numberNode(value.intValue());
        }
        return value.bitLength() < 64 ? NODES.numberNode(value.longValue()) : NODES.numberNode(value);
    }
}
