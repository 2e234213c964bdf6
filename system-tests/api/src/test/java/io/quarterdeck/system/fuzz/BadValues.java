package io.quarterdeck.system.fuzz;

import java.util.List;

/** Values that decoders, validators and stores stumble over. */
final class BadValues {
    static final List<String> STRINGS = List.of(
            "",
            " ",
            "..",
            "a/b",
            "A_b",
            "-",
            "a\u0000b",
            "\u0007",
            "\u2028",
            "é́ﷺ",
            "\uD83D\uDE00",
            "%s%n%x",
            "${jndi:x}",
            "'; drop table objects; --",
            "null",
            "9223372036854775808",
            "1e400",
            "10Gi",
            "-1",
            "0x10",
            "1m1m",
            "2026-02-30T25:61:61Z",
            "999.999.999.999",
            "::1",
            "10.0.0.0/33",
            "[",
            "(a+)+$",
            "x".repeat(254),
            "x".repeat(70_000));

    private static final List<String> LITERALS = List.of(
            "null",
            "true",
            "0",
            "-0",
            "-1",
            "1.5",
            "2147483648",
            "-2147483649",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "1e400",
            "-1E-400",
            "1" + "0".repeat(4_000),
            "0." + "3".repeat(2_000),
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\u0000\"",
            "\"\"",
            "[]",
            "{}",
            "[null]",
            "[[]]",
            "{\"\":null}",
            "{\"a\":1,\"a\":2}",
            "{\"$patch\":\"replace\"}",
            "{\"$patch\":\"turn\"}",
            "{\"$retainKeys\":[1]}",
            "[{\"$patch\":\"delete\"}]",
            "NaN",
            "-",
            "01",
            "+1",
            "'a'",
            "tru",
            "\"a",
            "/**/1",
            "1 2",
            "\"\u0001\"");

    private BadValues() {}

    static Shape shape(Chance chance) {
        return switch (chance.below(8)) {
            case 0, 1, 2 -> Shape.string(chance.of(STRINGS));
            case 3 -> new Shape.Literal(Long.toString(chance.number()));
            case 4 -> nested(chance);
            default -> new Shape.Literal(chance.of(LITERALS));
        };
    }

    private static Shape nested(Chance chance) {
        int depth = chance.of(List.of(10, 100, 600, 5_000));
        return chance.once(2)
                ? new Shape.Literal("[".repeat(depth) + "]".repeat(depth))
                : new Shape.Literal("{\"a\":".repeat(depth) + "1" + "}".repeat(depth));
    }
}
