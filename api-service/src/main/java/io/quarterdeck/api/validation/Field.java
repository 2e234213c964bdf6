package io.quarterdeck.api.validation;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A place in an object that is being judged: its path in upstream's words, its value, the value that it had before (in an
 * update) and the list that takes the findings. Not thread-safe.
 */
public final class Field {

    private final String path;
    private final JsonNode node;
    private final @Nullable JsonNode old;
    private final List<FieldError> findings;

    private Field(String path, JsonNode node, @Nullable JsonNode old, List<FieldError> findings) {
        this.path = path;
        this.node = node.isNull() ? MissingNode.getInstance() : node;
        this.old = old == null ? null : old.isNull() ? MissingNode.getInstance() : old;
        this.findings = findings;
    }

    /** The whole object; {@code old} is null when it is being created. */
    public static Field root(Document next, @Nullable Document old, List<FieldError> findings) {
        return new Field("", next.tree(), old == null ? null : old.tree(), findings);
    }

    /** The field below this one; names joined by dots. */
    public Field at(String names) {
        Field field = this;
        for (String name : names.split("\\.")) {
            field = new Field(
                    field.path.isEmpty() ? name : field.path + "." + name,
                    field.node.path(name),
                    field.old == null ? null : field.old.path(name),
                    findings);
        }
        return field;
    }

    /** The entry of a map: {@code path[key]}. */
    public Field key(String key) {
        return new Field(path + "[" + key + "]", node.path(key), old == null ? null : old.path(key), findings);
    }

    public Field index(int i) {
        return new Field(path + "[" + i + "]", node.path(i), old == null ? null : old.path(i), findings);
    }

    /** The same value under another path, where upstream's path is not the value's own. */
    public Field as(String otherPath) {
        return new Field(otherPath, node, old, findings);
    }

    /** The same place with another value. */
    public Field holding(JsonNode other) {
        return new Field(path, other, old, findings);
    }

    public List<Field> items() {
        List<Field> items = new ArrayList<>();
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                items.add(index(i));
            }
        }
        return items;
    }

    /** The entries of a map, by key in order. */
    public void entries(BiConsumer<String, Field> each) {
        if (node.isObject()) {
            new TreeSet<>(node.propertyNames()).forEach(key -> each.accept(key, key(key)));
        }
    }

    /** Calls {@code then} when something stands here. */
    public void ifPresent(Consumer<Field> then) {
        if (present()) {
            then.accept(this);
        }
    }

    public String path() {
        return path;
    }

    public JsonNode node() {
        return node;
    }

    public boolean present() {
        return !node.isMissingNode();
    }

    /** Nothing, or the empty string, list or map. */
    public boolean empty() {
        return node.isMissingNode()
                || (node.isString() ? node.stringValue().isEmpty() : node.isContainer() && node.isEmpty());
    }

    public String text() {
        return node.isString() ? node.stringValue() : "";
    }

    public boolean is(String value) {
        return text().equals(value);
    }

    public boolean isNumber() {
        return node.isNumber();
    }

    public boolean isString() {
        return node.isString();
    }

    public long number() {
        return node.isIntegralNumber() ? node.longValue() : 0;
    }

    public long number(long whenAbsent) {
        return node.isIntegralNumber() ? node.longValue() : whenAbsent;
    }

    public boolean flag() {
        return node.isBoolean() && node.booleanValue();
    }

    public List<String> texts() {
        return Values.strings(node);
    }

    public boolean updating() {
        return old != null;
    }

    /** What stood here before; missing in a create. */
    public JsonNode old() {
        return old == null ? MissingNode.getInstance() : old;
    }

    /** Whether this is an update and the value differs from the old one. */
    public boolean changed() {
        return old != null && !Values.same(node, old);
    }

    public List<FieldError> findings() {
        return findings;
    }

    // ---- findings
    // -----------------------------------------------------------------------------------------------------

    public void required() {
        add(Reason.REQUIRED, "Required value");
    }

    public void required(String why) {
        add(Reason.REQUIRED, "Required value: " + why);
    }

    public void invalid(String why) {
        add(Reason.INVALID, "Invalid value: " + Values.print(node) + ": " + why);
    }

    /** Upstream puts the reason where the value belongs. */
    public void invalidBecause(String why) {
        add(Reason.INVALID, "Invalid value: " + why);
    }

    public void invalidWithoutReason() {
        add(Reason.INVALID, "Invalid value: " + Values.print(node));
    }

    public void invalidValue(@Nullable Object value, String why) {
        add(Reason.INVALID, "Invalid value: " + Values.print(value) + ": " + why);
    }

    /** One finding for each problem of the value. */
    public void invalid(Collection<String> problems) {
        problems.forEach(this::invalid);
    }

    public void unsupported(Collection<String> supported) {
        unsupportedValue(node.isMissingNode() ? "" : node, supported);
    }

    public void unsupportedValue(Object value, Collection<String> supported) {
        add(Reason.NOT_SUPPORTED, "Unsupported value: " + Values.print(value) + supportedValues(supported));
    }

    public void unsupported(String... supported) {
        unsupported(Arrays.asList(supported));
    }

    public void duplicate() {
        duplicateValue(node);
    }

    public void duplicateValue(Object value) {
        add(Reason.DUPLICATE, "Duplicate value: " + Values.print(value));
    }

    public void forbidden(String why) {
        add(Reason.FORBIDDEN, "Forbidden: " + why);
    }

    public void notFound() {
        add(Reason.NOT_FOUND, "Not found: " + Values.print(node.isMissingNode() ? "" : node));
    }

    public void tooLong(int limit) {
        add(Reason.TOO_LONG, "Too long: may not be more than %d %s".formatted(limit, limit == 1 ? "byte" : "bytes"));
    }

    public void tooMany(int count, int limit) {
        add(
                Reason.TOO_MANY,
                "Too many: %d: must have at most %d %s".formatted(count, limit, limit == 1 ? "item" : "items"));
    }

    private void add(Reason reason, String message) {
        findings.add(new FieldError(reason, path, message));
    }

    private static String supportedValues(Collection<String> supported) {
        return supported.isEmpty()
                ? ""
                : supported.stream().map(GoQuote::quote).collect(Collectors.joining(", ", ": supported values: ", ""));
    }

    // ---- small rules that many kinds share
    // ----------------------------------------------------------------------------

    /** Something must stand here. */
    public boolean require() {
        if (empty()) {
            required();
            return false;
        }
        return true;
    }

    /** Required, and of this form. */
    public void requireFormat(Function<String, List<String>> format) {
        if (require()) {
            format(format);
        }
    }

    /** One finding for each problem that {@code format} sees; an absent value is judged as "". */
    public void format(Function<String, List<String>> format) {
        String text = text();
        format.apply(text).forEach(problem -> invalidValue(text, problem));
    }

    /** {@code acme.io/foo}, and required. */
    public void requireDomainPrefixedPath() {
        String text = text();
        int slash = text.indexOf('/');
        if (text.isEmpty()) {
            required();
        } else if (slash <= 0 || slash == text.length() - 1) {
            invalid("must be a domain-prefixed path (such as \"acme.io/foo\")");
        } else {
            Formats.subdomain(text.substring(0, slash))
                    .forEach(problem -> invalidValue(text.substring(0, slash), problem));
            Formats.httpPath(text.substring(slash + 1))
                    .forEach(problem -> invalidValue(text.substring(slash + 1), problem));
        }
    }

    public void nonNegative() {
        if (node.isNumber() && number() < 0) {
            invalid("must be greater than or equal to 0");
        }
    }

    /** One of the values; nothing counts as "". */
    public void oneOf(String... values) {
        if (!Arrays.asList(values).contains(text())) {
            unsupported(values);
        }
    }

    /** One of the values, when anything stands here. */
    public void optionallyOneOf(String... values) {
        if (!empty()) {
            oneOf(values);
        }
    }

    public void immutable() {
        if (changed()) {
            invalid("field is immutable");
        }
    }
}
