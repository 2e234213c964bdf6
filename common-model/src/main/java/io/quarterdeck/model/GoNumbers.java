package io.quarterdeck.model;

import java.math.BigDecimal;

/** Numbers as Go prints them. */
public final class GoNumbers {

    private GoNumbers() {}

    /** As {@code %v} prints a float64: with an exponent below 1e-4 and from a million on. */
    public static String shown(double value) {
        if (value == 0 || Double.isNaN(value)) {
            return value == 0 ? "0" : "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = exact.precision() - exact.scale() - 1;
        if (exponent >= -4 && exponent < 6) {
            return exact.toPlainString();
        }
        String digits = exact.unscaledValue().abs().toString();
        String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return "%s%se%s%02d".formatted(value < 0 ? "-" : "", mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
}
