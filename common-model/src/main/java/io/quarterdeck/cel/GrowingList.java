package io.quarterdeck.cel;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.RandomAccess;

/**
 * What {@code a + b} of lists gives. It shares its elements with what is appended to it, so that a macro that builds a list
 * element by element copies nothing.
 */
final class GrowingList extends AbstractList<Object> implements RandomAccess {

    private final ArrayList<Object> elements;
    private final int size;

    private GrowingList(ArrayList<Object> elements) {
        this.elements = elements;
        this.size = elements.size();
    }

    static GrowingList of(List<?> first, Collection<?> more) {
        ArrayList<Object> elements = first instanceof GrowingList growing && growing.size == growing.elements.size()
                ? growing.elements
                : new ArrayList<>(first);
        elements.addAll(more);
        return new GrowingList(elements);
    }

    @Override
    public Object get(int index) {
        if (index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        return elements.get(index);
    }

    @Override
    public int size() {
        return size;
    }
}
