package io.quarterdeck.api.kinds.certificates;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Values in DER, one behind the other, read as upstream's library reads them: what it passes over is passed over, what it
 * refuses is refused in its words. Not thread-safe.
 *
 * <p>Source: ITU-T X.690; Go's encoding/asn1.
 */
final class Der {

    static final int BOOLEAN = 1;
    static final int INTEGER = 2;
    static final int BIT_STRING = 3;
    static final int OCTET_STRING = 4;
    static final int OBJECT_IDENTIFIER = 6;
    static final int SEQUENCE = 16;
    static final int SET = 17;

    private static final int CONTEXT = 2;

    private final byte[] bytes;
    private int at;

    Der(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * A value.
     *
     * @param kind the class of its tag, 0 for universal ones
     * @param whole with tag and length
     */
    record Value(int kind, int tag, boolean compound, byte[] content, byte[] whole) {

        Der inside() {
            return new Der(content);
        }

        boolean is(int universalTag) {
            return kind == 0 && tag == universalTag;
        }
    }

    private record Header(int kind, int tag, int length, boolean compound, int end) {

        @Override
        public String toString() {
            return "{class:%d tag:%d length:%d isCompound:%s}".formatted(kind, tag, length, compound);
        }
    }

    boolean atEnd() {
        return at == bytes.length;
    }

    /** The next value, whatever it is. */
    Value any() throws MalformedRequestException {
        return take(next());
    }

    /**
     * The next value, which has to be of a universal type.
     *
     * @param name what upstream calls the type
     */
    Value expect(int tag, String name) throws MalformedRequestException {
        return expect(0, tag, tag == SEQUENCE || tag == SET, name, "<nil>");
    }

    /** The same, tagged by a number of the structure itself. */
    Value expectTagged(int tag) throws MalformedRequestException {
        return expect(CONTEXT, tag, true, "", String.valueOf(tag));
    }

    /** Whether the next value is of a universal type that has no parts. */
    boolean isNext(int tag) throws MalformedRequestException {
        if (atEnd()) {
            return false;
        }
        Header header = header(at);
        return header.kind() == 0 && header.tag() == tag && !header.compound();
    }

    private Value expect(int kind, int tag, boolean compound, String name, String tagged)
            throws MalformedRequestException {
        Header header = next();
        if (header.kind() != kind || header.tag() != tag || header.compound() != compound) {
            throw MalformedRequestException.structure(
                    ("tags don't match (%d vs %s) {optional:false explicit:false application:false private:false"
                                    + " defaultValue:<nil> tag:%s stringType:0 timeType:0 set:false omitEmpty:false} %s @%d")
                            .formatted(tag, header, tagged, name, header.end()));
        }
        return take(header);
    }

    private Header next() throws MalformedRequestException {
        if (atEnd()) {
            throw MalformedRequestException.syntax("sequence truncated");
        }
        return header(at);
    }

    private Value take(Header header) throws MalformedRequestException {
        int end = header.end() + header.length();
        if (end > bytes.length) {
            throw MalformedRequestException.syntax("data truncated");
        }
        Value value = new Value(
                header.kind(),
                header.tag(),
                header.compound(),
                Arrays.copyOfRange(bytes, header.end(), end),
                Arrays.copyOfRange(bytes, at, end));
        at = end;
        return value;
    }

    private Header header(int start) throws MalformedRequestException {
        int offset = start;
        int first = bytes[offset++] & 0xff;
        int tag = first & 0x1f;
        if (tag == 0x1f) {
            Der number = new Der(bytes);
            number.at = offset;
            tag = number.base128();
            offset = number.at;
            if (tag < 0x1f) {
                throw MalformedRequestException.syntax("non-minimal tag");
            }
        }
        if (offset == bytes.length) {
            throw MalformedRequestException.syntax("truncated tag or length");
        }
        int length = bytes[offset++] & 0xff;
        if (length >= 0x80) {
            int octets = length & 0x7f;
            if (octets == 0) {
                throw MalformedRequestException.syntax("indefinite length found (not DER)");
            }
            length = longLength(offset, octets);
            offset += octets;
        }
        return new Header(first >> 6, tag, length, (first & 0x20) != 0, offset);
    }

    private int longLength(int start, int octets) throws MalformedRequestException {
        int length = 0;
        for (int i = start; i < start + octets; i++) {
            if (i >= bytes.length) {
                throw MalformedRequestException.syntax("truncated tag or length");
            }
            if (length >= 1 << 23) {
                throw MalformedRequestException.structure("length too large");
            }
            length = length << 8 | bytes[i] & 0xff;
            if (length == 0) {
                throw MalformedRequestException.structure("superfluous leading zeros in length");
            }
        }
        if (length < 0x80) {
            throw MalformedRequestException.structure("non-minimal length");
        }
        return length;
    }

    private int base128() throws MalformedRequestException {
        long number = 0;
        for (int octets = 0; at < bytes.length; octets++) {
            if (octets == 5) {
                throw MalformedRequestException.structure("base 128 integer too large");
            }
            int octet = bytes[at] & 0xff;
            if (octets == 0 && octet == 0x80) {
                throw MalformedRequestException.syntax("integer is not minimally encoded");
            }
            number = number << 7 | octet & 0x7f;
            at++;
            if (octet < 0x80) {
                if (number > Integer.MAX_VALUE) {
                    throw MalformedRequestException.structure("base 128 integer too large");
                }
                return (int) number;
            }
        }
        throw MalformedRequestException.syntax("truncated base 128 integer");
    }

    /**
     * All values of a list; each has to be of the same type, and all are there before any of them is looked into.
     *
     * @param tag negative where any will do
     */
    List<Value> all(int tag) throws MalformedRequestException {
        int start = at;
        while (!atEnd()) {
            Header header = header(at);
            if (tag >= 0 && (header.kind() != 0 || header.tag() != tag || !header.compound())) {
                throw MalformedRequestException.structure("sequence tag mismatch");
            }
            if (header.end() + header.length() > bytes.length) {
                throw MalformedRequestException.syntax("truncated sequence");
            }
            at = header.end() + header.length();
        }
        at = start;
        List<Value> values = new ArrayList<>();
        while (!atEnd()) {
            values.add(any());
        }
        return values;
    }

    /** The next value as a dotted number. */
    String objectIdentifier() throws MalformedRequestException {
        return objectIdentifier(expect(OBJECT_IDENTIFIER, "ObjectIdentifier").content());
    }

    static String objectIdentifier(byte[] content) throws MalformedRequestException {
        if (content.length == 0) {
            throw MalformedRequestException.syntax("zero length OBJECT IDENTIFIER");
        }
        Der numbers = new Der(content);
        int first = numbers.base128();
        StringBuilder dotted = new StringBuilder();
        dotted.append(Math.min(first / 40, 2)).append('.').append(first < 80 ? first % 40 : first - 80);
        while (!numbers.atEnd()) {
            dotted.append('.').append(numbers.base128());
        }
        return dotted.toString();
    }

    /** The next value's bits, as whole bytes with nothing behind the last bit. */
    byte[] bits() throws MalformedRequestException {
        return bits(expect(BIT_STRING, "BitString").content());
    }

    static byte[] bits(byte[] content) throws MalformedRequestException {
        if (content.length == 0) {
            throw MalformedRequestException.syntax("zero length BIT STRING");
        }
        int padding = content[0] & 0xff;
        if (padding > 7
                || (content.length == 1 && padding > 0)
                || (content[content.length - 1] & ((1 << padding) - 1)) != 0) {
            throw MalformedRequestException.syntax("invalid padding bits in BIT STRING");
        }
        byte[] bits = Arrays.copyOfRange(content, 1, content.length);
        if (padding == 0 || bits.length == 0) {
            return bits;
        }
        byte[] shifted = new byte[bits.length];
        for (int i = 0; i < bits.length; i++) {
            int before = i == 0 ? 0 : bits[i - 1] << (8 - padding);
            shifted[i] = (byte) (before | (bits[i] & 0xff) >> padding);
        }
        return shifted;
    }

    static void checkInteger(byte[] content) throws MalformedRequestException {
        if (content.length == 0) {
            throw MalformedRequestException.structure("empty integer");
        }
        if (!isMinimal(content)) {
            throw MalformedRequestException.structure("integer not minimally-encoded");
        }
        if (content.length > 8) {
            throw MalformedRequestException.structure("integer too large");
        }
    }

    static boolean isMinimal(byte[] integer) {
        return integer.length == 1 || !((integer[0] == 0 && integer[1] >= 0) || (integer[0] == -1 && integer[1] < 0));
    }

    /** What an attribute of a name holds: texts have to be what they say they are. */
    static void checkText(Value value) throws MalformedRequestException {
        if (value.compound() || value.kind() != 0) {
            return;
        }
        switch (value.tag()) {
            case BOOLEAN -> checkBoolean(value.content());
            case INTEGER -> checkInteger(value.content());
            case BIT_STRING -> bits(value.content());
            case OBJECT_IDENTIFIER -> objectIdentifier(value.content());
            case 12 -> checkUtf8(value.content());
            case 18 -> checkCharacters(value.content(), "0123456789 ", "NumericString");
            case 19 ->
                checkCharacters(
                        value.content(),
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+,-./ :=?*&",
                        "PrintableString");
            case 22 -> {
                for (byte octet : value.content()) {
                    if (octet < 0) {
                        throw MalformedRequestException.syntax("IA5String contains invalid character");
                    }
                }
            }
            case 30 -> checkBmp(value.content());
            default -> {
                // Taken as it is.
            }
        }
    }

    static void checkBoolean(byte[] content) throws MalformedRequestException {
        if (content.length != 1 || (content[0] != 0 && content[0] != -1)) {
            throw MalformedRequestException.syntax("invalid boolean");
        }
    }

    private static void checkUtf8(byte[] content) throws MalformedRequestException {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content));
        } catch (CharacterCodingException e) {
            throw new MalformedRequestException("asn1: invalid UTF-8 string");
        }
    }

    private static void checkCharacters(byte[] content, String allowed, String type) throws MalformedRequestException {
        for (byte octet : content) {
            if (allowed.indexOf(octet) < 0) {
                throw MalformedRequestException.syntax(type + " contains invalid character");
            }
        }
    }

    private static void checkBmp(byte[] content) throws MalformedRequestException {
        boolean good = content.length % 2 == 0;
        for (int i = 0; good && i < content.length; i += 2) {
            int point = (content[i] & 0xff) << 8 | content[i + 1] & 0xff;
            good = point < 0xfffe && !(point >= 0xfdd0 && point <= 0xfdef) && !(point >= 0xd800 && point <= 0xdfff);
        }
        if (!good) {
            throw new MalformedRequestException("invalid BMPString");
        }
    }
}
