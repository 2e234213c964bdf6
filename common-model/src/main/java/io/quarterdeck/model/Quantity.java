package io.quarterdeck.model;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fixed-point number with a suffix ({@code 100m}, {@code 1536Mi}), exact. Immutable, thread-safe. Finer than a
 * billionth is rounded up, and binary values are capped at 2^63-1, as upstream does (apimachinery, api/resource).
 * Equal when the values are, whatever the suffixes.
 */
public final class Quantity implements Comparable<Quantity> {

    public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, Format.DECIMAL_SI);

    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final BigDecimal KIBI = BigDecimal.valueOf(1024);
    private static final Map<String, Integer> DECIMAL = Map.ofEntries(
            Map.entry("n", -9),
            Map.entry("u", -6),
            Map.entry("m", -3),
            Map.entry("", 0),
            Map.entry("k", 3),
            Map.entry("M", 6),
            Map.entry("G", 9),
            Map.entry("T", 12),
            Map.entry("P", 15),
            Map.entry("E", 18));
    private static final String[] DECIMAL_SUFFIXES = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    private static final String[] BINARY_SUFFIXES = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

    private final BigDecimal value;
    private final Format format;
    /** The text it was read from, when upstream would write that text again. */
    private final @Nullable String text;

    /** The family of suffixes; it decides how a value is written. */
    public enum Format {
        DECIMAL_SI,
        BINARY_SI,
        DECIMAL_EXPONENT
    }

    /** The text is no quantity; the message is upstream's. */
    public static final class FormatException extends IllegalArgumentException {
        private FormatException(String message) {
            super(message);
        }

        private static FormatException wrong() {
            return new FormatException(
                    "quantities must match the regular expression " + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }

        private static FormatException suffix() {
            return new FormatException("unable to parse quantity's suffix");
        }
    }

    public Quantity(BigDecimal value, Format format) {
        this(value, format, null);
    }

    private Quantity(BigDecimal value, Format format, @Nullable String text) {
        this.value = value;
        this.format = format;
        this.text = text;
    }

    public BigDecimal value() {
        return value;
    }

    public Format format() {
        return format;
    }

    public static Quantity of(long units) {
        return new Quantity(BigDecimal.valueOf(units), Format.DECIMAL_SI);
    }

    public static Quantity ofMilli(long thousandths) {
        return new Quantity(BigDecimal.valueOf(thousandths, 3), Format.DECIMAL_SI);
    }

    public static Quantity ofBytes(long bytes) {
        return new Quantity(BigDecimal.valueOf(bytes), Format.BINARY_SI);
    }

    /**
     * Reads the text of a quantity.
     *
     * @throws FormatException when it is none
     */
    public static Quantity parse(String text) {
        if (text.isEmpty()) {
            throw FormatException.wrong();
        }
        int length = text.length();
        int at = text.charAt(0) == '+' || text.charAt(0) == '-' ? 1 : 0;
        while (at < length && text.charAt(at) == '0') {
            at++;
        }
        int start = at;
        at = skipDigits(text, at);
        String whole = at == start ? "0" : text.substring(start, at);
        String fraction = "";
        if (at < length && text.charAt(at) == '.') {
            int from = at + 1;
            at = skipDigits(text, from);
            fraction = text.substring(from, at);
        }
        int suffix = at;
        while (at < length && "eEinumkKMGTP".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (at < length && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
            at++;
        }
        if (skipDigits(text, at) != length) {
            throw FormatException.wrong();
        }
        return scaled(text, text.charAt(0) == '-', whole, fraction, text.substring(suffix));
    }

    private static int skipDigits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    private static Quantity scaled(String text, boolean negative, String whole, String fraction, String suffix) {
        String digits = whole + fraction;
        BigDecimal unsigned = new BigDecimal(new BigInteger(digits), fraction.length());
        BigDecimal plain = negative ? unsigned.negate() : unsigned;
        for (int i = 1; i < BINARY_SUFFIXES.length; i++) {
            if (BINARY_SUFFIXES[i].equals(suffix)) {
                // Upstream keeps the text of short numbers that its integer path reads and that have no factor of 8.
                boolean asWritten =
                        fraction.isEmpty() && 15 - whole.length() - 3 * i - 1 >= 0 && (Long.parseLong(whole) & 7) != 0;
                BigDecimal exact = rounded(plain.multiply(KIBI.pow(i)));
                boolean fractional = exact.signum() != 0 && exact.abs().compareTo(BigDecimal.ONE) < 0;
                return new Quantity(
                        exact.min(MOST), fractional ? Format.DECIMAL_SI : Format.BINARY_SI, asWritten ? text : null);
            }
        }
        Integer power = DECIMAL.get(suffix);
        Format format = power == null ? Format.DECIMAL_EXPONENT : Format.DECIMAL_SI;
        int exponent = power == null ? exponent(suffix) : power;
        int scale = exponent - fraction.length();
        boolean asWritten = digits.length() <= 18
                && scale >= -9
                && scale % 3 == 0
                && !digits.endsWith("000")
                && digits.charAt(0) != '0';
        return new Quantity(rounded(plain.scaleByPowerOfTen(exponent)), format, asWritten ? text : null);
    }

    private static int exponent(String suffix) {
        if (suffix.length() < 2 || (suffix.charAt(0) != 'e' && suffix.charAt(0) != 'E')) {
            throw FormatException.suffix();
        }
        try {
            // No machine has 10^1000 of anything; the bound keeps later arithmetic small.
            return Math.clamp(Integer.parseInt(suffix.substring(1)), -1_000, 1_000);
        } catch (NumberFormatException e) {
            throw FormatException.suffix();
        }
    }

    private static BigDecimal rounded(BigDecimal exact) {
        return exact.scale() > 9 ? exact.setScale(9, RoundingMode.UP) : exact;
    }

    /** The same as whole units, rounded up: what has no parts. */
    public Quantity roundUp() {
        return value.scale() > 0 ? new Quantity(value.setScale(0, RoundingMode.UP), format) : this;
    }

    /** The same with nothing finer than a thousandth, rounded up, as upstream's defaults do to resource lists. */
    public Quantity roundUpToMilli() {
        return value.scale() > 3 ? new Quantity(value.setScale(3, RoundingMode.UP), format) : this;
    }

    /** The value in whole units, rounded up, capped at the range of a long. */
    public long longValue() {
        return capped(value.setScale(0, RoundingMode.UP));
    }

    /** The value in thousandths, rounded up, capped at the range of a long. */
    public long milliValue() {
        return capped(value.movePointRight(3).setScale(0, RoundingMode.UP));
    }

    private static long capped(BigDecimal whole) {
        BigInteger integer = whole.toBigInteger();
        if (integer.bitLength() < 64) {
            return integer.longValue();
        }
        return integer.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }

    public Quantity plus(Quantity other) {
        return new Quantity(value.add(other.value), value.signum() == 0 ? other.format : format);
    }

    public Quantity minus(Quantity other) {
        return new Quantity(value.subtract(other.value), value.signum() == 0 ? other.format : format);
    }

    public int signum() {
        return value.signum();
    }

    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Quantity quantity && value.compareTo(quantity.value) == 0;
    }

    @Override
    public int hashCode() {
        return value.stripTrailingZeros().hashCode();
    }

    /** The canonical text: no fraction, the largest suffix of the family that keeps the number whole. */
    @Override
    public String toString() {
        if (text != null) {
            return text;
        }
        if (value.signum() == 0) {
            return "0";
        }
        BigDecimal exact = value.stripTrailingZeros();
        if (format == Format.BINARY_SI && exact.scale() <= 0 && exact.abs().compareTo(KIBI) >= 0) {
            return binary(exact.toBigIntegerExact());
        }
        int exponent = Math.floorDiv(-exact.scale(), 3) * 3;
        BigInteger mantissa = exact.scaleByPowerOfTen(-exponent).toBigIntegerExact();
        if (format == Format.DECIMAL_EXPONENT) {
            return exponent == 0 ? mantissa.toString() : mantissa + "e" + exponent;
        }
        int index = exponent / 3 + 3;
        return index >= 0 && index < DECIMAL_SUFFIXES.length
                ? mantissa + DECIMAL_SUFFIXES[index]
                : mantissa + "e" + exponent;
    }

    private static String binary(BigInteger whole) {
        int power = Math.min(whole.getLowestSetBit() / 10, BINARY_SUFFIXES.length - 1);
        return whole.shiftRight(10 * power) + BINARY_SUFFIXES[power];
    }
}
