package io.quarterdeck.api.schema;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The protobuf form of an object: its fields by number, in ascending order. */
record WireMessage(List<WireField> fields, @Nullable WireField[] byNumber) {

    static final WireMessage EMPTY = of(List.of());

    /**
     * One protobuf field.
     *
     * @param field the JSON field it carries; null when it is an embedded struct
     * @param embedded the struct whose fields JSON shows in place, or null
     */
    record WireField(
            int number, @Nullable Field field, @Nullable WireMessage embedded) {}

    static WireMessage of(List<WireField> fields) {
        List<WireField> sorted = fields.stream()
                .sorted(Comparator.comparingInt(WireField::number))
                .toList();
        WireField[] byNumber =
                new WireField[sorted.isEmpty() ? 0 : sorted.getLast().number() + 1];
        sorted.forEach(field -> byNumber[field.number()] = field);
        return new WireMessage(sorted, byNumber);
    }

    @Nullable WireField numbered(int number) {
        return number < byNumber.length ? byNumber[number] : null;
    }
}
