package io.quarterdeck.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What expressions give, by upstream's documentation of each library. */
class CelProgramTest {

    private static final JsonMapper JSON = new JsonMapper();

    private static final JsonNode OBJECT = JSON.readTree("""
            {"metadata":{"name":"web","labels":{"app":"w","tier/x":"front"}},
             "spec":{"replicas":3,"ratio":1.5,"paused":false,"ports":[{"name":"a","port":80},{"name":"b","port":443}],"none":null}}
            """);

    private static final CelEnvironment DYNAMIC = CelEnvironment.of(Map.of("object", DeclType.DYN));

    private static Object evaluate(String expression) throws CelCompilationException {
        return DYNAMIC.compile(expression)
                .evaluate(
                        Activation.of(Map.of("object", CelValues.of(OBJECT))), new CostBudget(CostBudget.PER_REQUEST));
    }

    static Stream<Arguments> truths() {
        return Stream.of(
                        "'%d %s'.format([1, 'a']) == '1 a' && '%s'.format([[1, 'a']]) == '[1, a]'",
                        "object.spec.replicas == 3",
                        "object.spec.replicas < 3.5 && object.spec.replicas >= 3",
                        "object.metadata.name.startsWith('w') && 'we' + 'b' == object.metadata.name",
                        "object.metadata.labels['tier/x'] == 'front'",
                        "has(object.spec.replicas) && !has(object.spec.nothing)",
                        "object.spec.ports.all(p, p.port > 0)",
                        "object.spec.ports.exists(p, p.name == 'b')",
                        "object.spec.ports.exists_one(p, p.port == 443)",
                        "object.spec.ports.map(p, p.port) == [80, 443]",
                        "object.spec.ports.filter(p, p.port > 100).size() == 1",
                        "object.spec.ports.map(p, p.port > 100, p.name) == ['b']",
                        "[1, 2, 3].all(i, v, v == i + 1)",
                        "{'a': 1, 'b': 2}.transformMap(k, v, v * 2) == {'a': 2, 'b': 4}",
                        "{'a': 1}.transformList(k, v, k) == ['a']",
                        "object.?spec.?missing.orValue(7) == 7",
                        "object.spec.?replicas.orValue(7) == 3",
                        "object.?spec.replicas.hasValue()",
                        "object.spec.?missing.optMap(m, m + 1).orValue(5) == 5",
                        "[?object.spec.?missing, ?object.spec.?replicas] == [3]",
                        "!(object.nothing.x == 1) || true",
                        "false && object.nothing.x == 1 ? false : true",
                        "type(object.spec.replicas) == int && type('') == string && type([]) == list",
                        "object.spec.none == null",
                        "[1, 3, 2].isSorted() == false && [1, 2].sum() == 3 && [1, 2].max() == 2 && [2, 1].min() == 1",
                        "['a', 'b', 'a'].indexOf('a') == 0 && ['a', 'b', 'a'].lastIndexOf('a') == 2",
                        "[3, 1, 2].sort() == [1, 2, 3] && [1, 1, 2].distinct() == [1, 2] && [[1], [2]].flatten() == [1, 2]",
                        "lists.range(3) == [0, 1, 2] && [1, 2, 3].slice(1, 3) == [2, 3] && [1, 2].reverse() == [2, 1]",
                        "[{'n': 2}, {'n': 1}].sortBy(e, e.n) == [{'n': 1}, {'n': 2}]",
                        "sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])",
                        "'abc 123'.find('[0-9]+') == '123' && '1a2b3'.findAll('[0-9]', 2) == ['1', '2']",
                        "'a1'.matches('^[a-z][0-9]$') && 'aBc'.lowerAscii() == 'abc' && ' x '.trim() == 'x'",
                        "'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b' && 'abc'.substring(1) == 'bc'",
                        "'hello'.replace('l', 'L', 1) == 'heLlo' && 'hello'.charAt(1) == 'e' && 'hello'.indexOf('l') == 2",
                        "'%s has %d, %.2f'.format(['x', object.spec.replicas, object.spec.ratio]) == 'x has 3, 1.50'",
                        "url('https://h.example:80/p?a=1&a=2').getHost() == 'h.example:80'",
                        "url('https://h.example:80/p?a=1&a=2').getQuery()['a'] == ['1', '2']",
                        "url('https://[::1]:80/').getHostname() == '::1' && url('https://[::1]:80/').getPort() == '80'",
                        "isURL('/path') && !isURL('../x') && !isURL('https://a:b/') && isURL('mailto:a@b')",
                        "url('https://h/a b?c d=e f').getEscapedPath() == '/a%20b'",
                        "url('https://h/a b?c d=e f').getQuery() == {'c d': ['e f']} && !isURL('https://a b/')",
                        "!optional.ofNonZeroValue(timestamp('0001-01-01T00:00:00Z')).hasValue()",
                        "quantity('1500m').isGreaterThan(quantity('1')) && quantity('1Ki').asInteger() == 1024",
                        "quantity('50k').add(quantity('20k')).compareTo(quantity('70k')) == 0",
                        "isQuantity('1.3Gi') && !isQuantity('200K') && sign(quantity('1').sub(1)) == 0",
                        "ip('192.168.0.1').family() == 4 && ip('::1').isLoopback() && !isIP('1.2.3.400')",
                        "ip.isCanonical('2001:db8::1') && string(ip('1.2.3.4')) == '1.2.3.4'",
                        "cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))",
                        "cidr('10.1.2.3/8').masked().ip() == ip('10.0.0.0') && cidr('10.0.0.0/8').prefixLength() == 8",
                        "!format.dns1123Label().validate('ok').hasValue()",
                        "format.named('dns1123Label').value().validate('No').hasValue()",
                        "semver('1.2.3').isLessThan(semver('1.10.0')) && isSemver('v1.2', true) && !isSemver('v1.2')",
                        "semver('1.0.0-alpha.1').compareTo(semver('1.0.0-alpha.beta')) == -1 && semver('1.2.3').minor() == 2",
                        "duration('1h30m').getMinutes() == 90 && timestamp('2024-01-02T03:04:05Z').getDayOfMonth() == 1",
                        "timestamp('2024-01-02T03:04:05Z') + duration('1s') > timestamp('2024-01-02T03:04:05Z')",
                        "int('7') == 7 && string(7) == '7' && double('1.5') == 1.5 && bool('true') && uint(3) == 3u",
                        "b'abc' == bytes('abc') && size('héllo') == 5",
                        "3 in [1, 2, 3] && 'app' in object.metadata.labels && !('x' in object.metadata.labels)",
                        "{'a': 1, ?'b': optional.none()} == {'a': 1}",
                        "[0, 1].exists(x, 10 / x > 5) && ![0, 1].all(x, 10 / x > 50)",
                        "{'web': 1, 'w' + 'eb': 2}.size() == 1",
                        "duration('1.5s').getMilliseconds() == 1500 && int(duration('1s')) == 1000000000",
                        "duration(object.spec.replicas) == duration('3ns')",
                        "timestamp('2024-01-02T03:04:05Z').getHours('') == 3",
                        "double('inf') > 1e300 && double('nan') != double('nan') && bool('T') && int('+7') == 7",
                        "[optional.of(1), optional.none()].unwrapOpt() == [1]",
                        "type(ip('::1')) == net.IP && type(cidr('10.0.0.0/8')) == net.CIDR",
                        "type(timestamp('2024-01-02T03:04:05Z')) == google.protobuf.Timestamp",
                        "!has(object.metadata.name.first)",
                        "string(1e6) == '1e+06' && string(1.5) == '1.5' && string(double('-inf')) == '-Inf'",
                        "dyn(1) == 1.0 && 1 != 2 && 7 % 4 == 3 && -(-2) == 2")
                .map(Arguments::of);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("truths")
    void holds(String expression) throws CelCompilationException {
        assertThat(evaluate(expression)).isEqualTo(true);
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("object.spec.nothing == 1", "no such key: nothing"),
                Arguments.of("[1][3] == 1", "index out of bounds: 3"),
                Arguments.of("1 / (object.spec.replicas - 3) == 1", "division by zero"),
                Arguments.of("object.metadata.name + object.spec.replicas == ''", "no such overload"),
                Arguments.of("optional.none().value() == 1", "optional.none() dereference"),
                Arguments.of("9223372036854775807 + object.spec.replicas == 1", "integer overflow"),
                Arguments.of("object.a == 1 || object.b == 1", "no such key: a"),
                Arguments.of("object.metadata.name.first == 'w'", "no such key: first"),
                Arguments.of("[0, 2].exists(x, 10 / x > 5)", "division by zero"),
                Arguments.of("int(object.metadata.name) == 1", "type conversion error from 'string' to 'int'"),
                Arguments.of(
                        "timestamp(object.metadata.name) > timestamp(0)",
                        "type conversion error from 'string' to 'google.protobuf.Timestamp'"),
                Arguments.of("duration('2562047h') + duration('1h') > duration('1s')", "integer overflow"),
                Arguments.of("timestamp('9999-12-31T23:59:59Z') + duration('1s') > timestamp(0)", "timestamp overflow"),
                Arguments.of(
                        "ip('01.2.3.4').family() == 4",
                        "IP Address \"01.2.3.4\" parse error during conversion from string: ParseAddr(\"01.2.3.4\"): IPv4 field has octet with leading zero"),
                Arguments.of(
                        "ip('::ffff:1.2.3.4').family() == 4",
                        "IPv4-mapped IPv6 address \"::ffff:1.2.3.4\" is not allowed"),
                Arguments.of(
                        "ip('fe80::1%e').family() == 6", "IP address \"fe80::1%e\" with zone value is not allowed"),
                Arguments.of(
                        "cidr('10.0.0.0/33').prefixLength() == 1",
                        "network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"10.0.0.0/33\"): prefix length out of range"),
                Arguments.of("cidr('10.0.0.0/8').containsIP('x')", "no such overload"),
                Arguments.of(
                        "lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, true)))",
                        "operation cancelled: actual cost limit exceeded"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("failures")
    void fails(String expression, String message) {
        assertThatThrownBy(() -> evaluate(expression))
                .isInstanceOf(CelEvaluationException.class)
                .hasMessage(message);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        "[1, 'a'].size() > 0",
                        "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a'].size() > 0\n | ....^"),
                Arguments.of(
                        "[object.x, 'a'].size() > 0",
                        "ERROR: <input>:1:12: expected type 'dyn' but found 'string'\n | [object.x, 'a'].size() > 0\n | ...........^"),
                Arguments.of(
                        "{'a': object.x, 'b': 1}.size() > 0",
                        "ERROR: <input>:1:22: expected type 'dyn' but found 'int'\n | {'a': object.x, 'b': 1}.size() > 0\n | .....................^"),
                Arguments.of(
                        "[duration('x'), 1].size() > 0",
                        "ERROR: <input>:1:11: invalid duration argument\n | [duration('x'), 1].size() > 0\n | ..........^\nERROR: <input>:1:17: expected type 'duration' but found 'int'\n | [duration('x'), 1].size() > 0\n | ................^"),
                Arguments.of(
                        "params.x == 1",
                        "ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^"),
                Arguments.of(
                        "has(object)", "ERROR: <input>:1:5: invalid argument to has() macro\n | has(object)\n | ....^"),
                Arguments.of(
                        "'a' +",
                        "ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 'a' +\n | .....^"),
                Arguments.of(
                        "duration('1d') > duration('1h')",
                        "ERROR: <input>:1:10: invalid duration argument\n | duration('1d') > duration('1h')\n | .........^"),
                Arguments.of(
                        "[].size() == {}",
                        "ERROR: <input>:1:11: found no matching overload for '_==_' applied to '(int, map(dyn, dyn))'\n | [].size() == {}\n | ..........^"),
                Arguments.of(
                        "1 + 'a'",
                        "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void isRefused(String expression, String message) {
        assertThatThrownBy(() -> DYNAMIC.compile(expression))
                .isInstanceOf(CelCompilationException.class)
                .hasMessage("compilation failed: " + message);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            int('0x1f') == 31               | type conversion error from 'string' to 'int'
            uint(-1) == 1u                  | unsigned integer overflow
            int(1e100) > 0                  | integer overflow
            object.metadata.name.find('[')  | error parsing regexp: missing closing ]: `[`
            """, quoteCharacter = '"')
    void whatCanOnlyFailIsRefused(String expression, String message) {
        assertThatThrownBy(() -> DYNAMIC.compile(expression))
                .isInstanceOf(CelCompilationException.class)
                .hasMessage("program instantiation failed: " + message);
    }

    @Test
    void unknownFieldsOfASchemaAreMistakes() {
        DeclType self = SchemaTypes.of(
                JSON.readTree("{\"type\":\"object\",\"properties\":{\"y\":{\"type\":\"integer\"}}}"), false, "Self");
        assertThatThrownBy(() -> CelEnvironment.of(Map.of("self", Objects.requireNonNull(self)))
                        .compile("self.x > 1"))
                .hasMessage("compilation failed: ERROR: <input>:1:5: undefined field 'x'\n | self.x > 1\n | ....^");
    }

    @Test
    void listsCompareByTheirListType() throws CelCompilationException {
        DeclType self = SchemaTypes.of(JSON.readTree("""
                        {"type":"object","properties":{
                          "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
                          "other":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
                          "foo-bar":{"type":"string"},"namespace":{"type":"string"},
                          "when":{"type":"string","format":"date-time"},
                          "port":{"x-kubernetes-int-or-string":true},
                          "twice":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
                          "none":{"type":"string","nullable":true},
                          "rest":{"type":"string","format":"duration"},
                          "ratio":{"type":"number"}}}
                        """), false, "Self");
        CelEnvironment environment = CelEnvironment.of(Map.of("self", Objects.requireNonNull(self)));
        Object value = CelValues.of(JSON.readTree("""
                        {"set":["a","b"],"other":["b","a"],"foo-bar":"x","namespace":"n","when":"2024-01-02T03:04:05Z",
                         "port":"http","ratio":1,"twice":["a","a"],"none":null,"rest":"3 days"}
                        """), self);
        for (String rule : new String[] {
            "self.set == self.other",
            "(self.set + self.other).size() == 2",
            "self.foo__dash__bar == 'x' && self.__namespace__ == 'n'",
            "self.when.getFullYear() == 2024",
            "type(self.port) == string",
            "self.ratio == 1.0",
            "self.twice != ['a', 'b']",
            "!has(self.none)",
            "self.rest == duration('72h')"
        }) {
            assertThat(environment
                            .compile(rule)
                            .evaluate(Activation.of(Map.of("self", value)), new CostBudget(CostBudget.PER_REQUEST)))
                    .as(rule)
                    .isEqualTo(true);
        }
    }

    @Test
    void unboundedListsOfListsCostTooMuch() throws CelCompilationException {
        DeclType self = SchemaTypes.of(
                JSON.readTree("{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}"),
                false,
                "Self");
        CelEnvironment environment = CelEnvironment.of(Map.of("self", Objects.requireNonNull(self)));
        assertThat(environment
                        .compile("self.all(a, a.all(b, b.contains('x')))")
                        .estimatedCost()
                        .max())
                .isGreaterThan(CostBudget.STATIC_PER_RULE * 100);
        assertThat(environment.compile("self.size() < 3").estimatedCost().max()).isLessThan(10);
        assertThat(environment.compile("type(self) == list").estimatedCost().max())
                .as("names of types have a size, too")
                .isLessThan(CostBudget.STATIC_PER_RULE);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "integer, type(self) == int",
        "number, type(self) == double",
        "object, self == oldSelf",
        "boolean, type(self) == bool"
    })
    void whatHasNoSizeIsComparedForLittle(String type, String rule) throws CelCompilationException {
        DeclType self = Objects.requireNonNull(SchemaTypes.of(
                JSON.readTree("{\"type\":\"%s\",\"properties\":{\"a\":{\"type\":\"string\"}}}".formatted(type)),
                false,
                "Self"));
        assertThat(CelEnvironment.of(Map.of("self", self, "oldSelf", self))
                        .compile(rule)
                        .estimatedCost()
                        .max())
                .isLessThan(CostBudget.STATIC_PER_RULE);
    }

    @Test
    void theOrderOfNumbersCostsOneEach() throws CelCompilationException {
        DeclType self = Objects.requireNonNull(SchemaTypes.of(
                JSON.readTree("{\"type\":\"array\",\"maxItems\":10,\"items\":{\"type\":\"integer\"}}"), false, "Self"));
        CelEnvironment environment = CelEnvironment.of(Map.of("self", self));
        long nothing = environment.compile("self.all(x, true)").estimatedCost().max();
        assertThat(environment.compile("self.all(x, x > 1)").estimatedCost().max())
                .isEqualTo(nothing + 20);
    }

    @Test
    void mutationsMakeObjects() throws CelCompilationException {
        CelProgram program = CelEnvironment.forMutations(Map.of("object", DeclType.DYN))
                .compile("Object{spec: Object.spec{replicas: object.spec.replicas + 1, tags: ['a']}}");
        Object made = program.evaluate(
                Activation.of(Map.of("object", CelValues.of(OBJECT))), new CostBudget(CostBudget.PER_REQUEST));
        assertThat(program.typeName()).isEqualTo("Object");
        assertThat(CelValues.toJson(made)).isEqualTo(JSON.readTree("{\"spec\":{\"replicas\":4,\"tags\":[\"a\"]}}"));
    }

    @Test
    void theBudgetIsSharedAndRunsOut() throws CelCompilationException {
        CelProgram program = DYNAMIC.compile("object.spec.ports.all(p, p.port > 0)");
        CostBudget budget = new CostBudget(20);
        Activation variables = Activation.of(Map.of("object", CelValues.of(OBJECT)));
        program.evaluate(variables, budget);
        assertThatThrownBy(() -> program.evaluate(variables, budget))
                .isInstanceOf(CelEvaluationException.OutOfBudget.class);
    }
}
