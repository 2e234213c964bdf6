package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.model.Addresses;

/** Rules about addresses that traffic is sent to. */
public final class AddressRules {

    private AddressRules() {}

    /** No address that means "anywhere", "here" or "on this link". */
    public static void notSpecial(Field field) {
        Addresses.Ip ip = Addresses.parse(field.text());
        if (ip == null) {
            field.invalidValue(field.text(), "must be a valid IP address");
        } else if (ip.unspecified()) {
            field.invalid("may not be unspecified (%s)".formatted(field.text()));
        } else if (ip.loopback()) {
            field.invalid("may not be in the loopback range (127.0.0.0/8, ::1/128)");
        } else if (ip.linkLocal()) {
            field.invalid("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        } else if (ip.linkLocalMulticast()) {
            field.invalid("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}
