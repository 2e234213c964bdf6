package io.quarterdeck.cel;

import io.quarterdeck.cel.DeclType.ListOf;
import java.util.AbstractList;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;

/** A list of a document. */
final class JsonList extends AbstractList<Object> implements RandomAccess {

    private final ArrayNode node;
    private final @Nullable ListOf type;

    /** @param type null where nothing is known of the elements */
    JsonList(ArrayNode node, @Nullable ListOf type) {
        this.node = node;
        this.type = type;
    }

    ArrayNode node() {
        return node;
    }

    @Nullable ListOf type() {
        return type;
    }

    @Override
    public Object get(int index) {
        return CelValues.of(node.get(index), type == null ? DeclType.DYN : type.element());
    }

    @Override
    public int size() {
        return node.size();
    }
}
