package io.quarterdeck.api.customresources;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A path into an object, in the dialect of kubectl's JSONPath as far as columns use it: fields, escaped dots, positions,
 * slices, wildcards, unions, descent and filters. Missing keys find nothing. Immutable.
 *
 * <p>Source: Kubernetes documentation, "JSONPath Support"; client-go, util/jsonpath.
 */
final class JsonPath {

    /** One step: every node becomes the nodes below it that the step names. */
    private interface Step {
        void each(JsonNode node, List<JsonNode> found);
    }

    private final List<Step> steps;

    private JsonPath(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /** @throws IllegalArgumentException when the path cannot be read */
    static JsonPath parse(String text) {
        Parser parser = new Parser(text);
        List<Step> steps = parser.steps();
        if (!parser.atEnd()) {
            throw new IllegalArgumentException("unexpected text at " + parser.position);
        }
        return new JsonPath(steps);
    }

    List<JsonNode> find(JsonNode root) {
        List<JsonNode> nodes = List.of(root);
        for (Step step : steps) {
            List<JsonNode> next = new ArrayList<>();
            for (JsonNode node : nodes) {
                step.each(node, next);
            }
            nodes = next;
        }
        return nodes;
    }

    private static void field(JsonNode node, String name, List<JsonNode> found) {
        JsonNode child = node.get(name);
        if (child != null) {
            found.add(child);
        }
    }

    private static void descend(JsonNode node, List<JsonNode> found) {
        found.add(node);
        node.forEach(child -> descend(child, found));
    }

    private static final class Parser {
        private final String text;
        private int position;

        Parser(String text) {
            this.text = text;
        }

        boolean atEnd() {
            return position >= text.length();
        }

        private char peek() {
            return atEnd() ? 0 : text.charAt(position);
        }

        private boolean accept(String expected) {
            if (text.startsWith(expected, position)) {
                position += expected.length();
                return true;
            }
            return false;
        }

        private void expect(String expected) {
            if (!accept(expected)) {
                throw new IllegalArgumentException("expected " + expected + " at " + position);
            }
        }

        List<Step> steps() {
            List<Step> steps = new ArrayList<>();
            if (peek() == '$' || peek() == '@') {
                position++;
            }
            while (!atEnd()) {
                if (accept("..")) {
                    steps.add(JsonPath::descend);
                    if (peek() != '[' && !atEnd()) {
                        steps.add(name());
                    }
                } else if (accept(".")) {
                    if (!atEnd() && peek() != '[') {
                        steps.add(name());
                    }
                } else if (accept("[")) {
                    steps.add(bracket());
                } else {
                    break;
                }
            }
            return steps;
        }

        private Step name() {
            if (accept("*")) {
                return (node, found) -> node.forEach(found::add);
            }
            StringBuilder name = new StringBuilder();
            while (!atEnd() && ".[]()=!<> |,".indexOf(peek()) < 0) {
                if (peek() == '\\') {
                    position++;
                    if (atEnd()) {
                        throw new IllegalArgumentException("unterminated escape");
                    }
                }
                name.append(peek());
                position++;
            }
            if (name.isEmpty()) {
                throw new IllegalArgumentException("a name is missing at " + position);
            }
            String field = name.toString();
            return (node, found) -> field(node, field, found);
        }

        private Step bracket() {
            if (accept("?(")) {
                Predicate<JsonNode> filter = filter();
                expect(")");
                expect("]");
                return (node, found) -> node.forEach(child -> {
                    if (filter.test(child)) {
                        found.add(child);
                    }
                });
            }
            List<Step> union = new ArrayList<>();
            do {
                union.add(selector());
            } while (accept(","));
            expect("]");
            return (node, found) -> union.forEach(step -> step.each(node, found));
        }

        private Step selector() {
            if (accept("*")) {
                return (node, found) -> node.forEach(found::add);
            }
            if (peek() == '\'' || peek() == '"') {
                String field = quoted();
                return (node, found) -> field(node, field, found);
            }
            Integer from = number();
            if (!accept(":")) {
                if (from == null) {
                    throw new IllegalArgumentException("a position is missing at " + position);
                }
                return (node, found) -> slice(node, from, from == -1 ? null : from + 1, 1, found);
            }
            Integer to = number();
            Integer step = accept(":") ? number() : null;
            int stride = step == null ? 1 : step;
            if (stride <= 0) {
                throw new IllegalArgumentException("step must be > 0");
            }
            return (node, found) -> slice(node, from == null ? 0 : from, to, stride, found);
        }

        private static void slice(JsonNode list, int from, @Nullable Integer to, int stride, List<JsonNode> found) {
            if (!list.isArray()) {
                return;
            }
            int size = list.size();
            int start = from < 0 ? size + from : from;
            int end = to == null ? size : to < 0 ? size + to : to;
            for (int i = start; i >= 0 && i < Math.min(end, size); i += stride) {
                found.add(list.get(i));
            }
        }

        private @Nullable Integer number() {
            int start = position;
            if (peek() == '-') {
                position++;
            }
            while (Character.isDigit(peek())) {
                position++;
            }
            return start == position ? null : Integer.valueOf(text.substring(start, position));
        }

        private String quoted() {
            char quote = peek();
            position++;
            StringBuilder word = new StringBuilder();
            while (peek() != quote) {
                if (atEnd()) {
                    throw new IllegalArgumentException("unterminated quoted string");
                }
                if (peek() == '\\') {
                    position++;
                }
                word.append(peek());
                position++;
            }
            position++;
            return word.toString();
        }

        private Predicate<JsonNode> filter() {
            List<Step> left = operandSteps();
            blanks();
            for (String operator : List.of("==", "!=", "<=", ">=", "<", ">")) {
                if (accept(operator)) {
                    blanks();
                    Operand right = operand();
                    blanks();
                    return node -> compares(new JsonPath(left).find(node), operator, right.of(node));
                }
            }
            return node -> !new JsonPath(left).find(node).isEmpty();
        }

        private List<Step> operandSteps() {
            blanks();
            if (peek() != '@') {
                throw new IllegalArgumentException("a filter begins with @");
            }
            return steps();
        }

        private interface Operand {
            List<JsonNode> of(JsonNode node);
        }

        private Operand operand() {
            if (peek() == '@') {
                JsonPath path = new JsonPath(steps());
                return path::find;
            }
            JsonNode constant;
            if (peek() == '\'' || peek() == '"') {
                constant = JsonNodeFactory.instance.stringNode(quoted());
            } else if (accept("true")) {
                constant = JsonNodeFactory.instance.booleanNode(true);
            } else if (accept("false")) {
                constant = JsonNodeFactory.instance.booleanNode(false);
            } else {
                int start = position;
                while ("+-.eE0123456789".indexOf(peek()) >= 0 && !atEnd()) {
                    position++;
                }
                constant = JsonNodeFactory.instance.numberNode(Double.parseDouble(text.substring(start, position)));
            }
            return node -> List.of(constant);
        }

        private void blanks() {
            while (peek() == ' ') {
                position++;
            }
        }

        private static boolean compares(List<JsonNode> left, String operator, List<JsonNode> right) {
            if (left.size() != 1 || right.size() != 1) {
                return false;
            }
            JsonNode a = left.getFirst();
            JsonNode b = right.getFirst();
            int order;
            if (a.isNumber() && b.isNumber()) {
                order = Double.compare(a.doubleValue(), b.doubleValue());
            } else if (a.isString() && b.isString()) {
                order = a.stringValue().compareTo(b.stringValue());
            } else {
                return operator.equals("==") ? a.equals(b) : operator.equals("!=") && !a.equals(b);
            }
            return switch (operator) {
                case "==" -> order == 0;
                case "!=" -> order != 0;
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                default -> order >= 0;
            };
        }
    }
}
