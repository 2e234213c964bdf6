package io.quarterdeck.api.cache;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An immutable ordered set: a B+ tree that shares all nodes a change does not touch. A reader keeps a root as long as
 * it likes and blocks nobody. Counting the elements before a key takes logarithmic time.
 *
 * @param <E> element
 * @param <K> what orders elements; two elements with equal keys are one
 */
final class OrderedTree<E, K> {

    private static final int WIDTH = 64;
    private static final int SPARSE = WIDTH / 4;

    private final Function<E, K> keyOf;
    private final Comparator<K> order;
    private final Node root;

    private OrderedTree(Function<E, K> keyOf, Comparator<K> order, Node root) {
        this.keyOf = keyOf;
        this.order = order;
        this.root = root;
    }

    static <E, K> OrderedTree<E, K> empty(Function<E, K> keyOf, Comparator<K> order) {
        return new OrderedTree<>(keyOf, order, new Leaf(new Object[0]));
    }

    /** Builds bottom-up from elements in ascending order without equal keys. */
    static <E, K> OrderedTree<E, K> ofSorted(Function<E, K> keyOf, Comparator<K> order, List<E> elements) {
        if (elements.isEmpty()) {
            return empty(keyOf, order);
        }
        Object[] all = elements.toArray();
        Node[] level = new Node[(all.length + WIDTH - 1) / WIDTH];
        for (int i = 0; i < level.length; i++) {
            level[i] = new Leaf(Arrays.copyOfRange(all, i * WIDTH, Math.min(all.length, (i + 1) * WIDTH)));
        }
        while (level.length > 1) {
            Node[] upper = new Node[(level.length + WIDTH - 1) / WIDTH];
            for (int i = 0; i < upper.length; i++) {
                upper[i] = Branch.of(Arrays.copyOfRange(level, i * WIDTH, Math.min(level.length, (i + 1) * WIDTH)));
            }
            level = upper;
        }
        return new OrderedTree<>(keyOf, order, level[0]);
    }

    private sealed interface Node {
        int size();

        Object first();
    }

    private record Leaf(Object[] elements) implements Node {
        @Override
        public int size() {
            return elements.length;
        }

        @Override
        public Object first() {
            return elements[0];
        }
    }

    /** {@code firsts[i]} is the least element below {@code children[i]}. */
    private record Branch(Object[] firsts, Node[] children, int size) implements Node {
        static Branch of(Node[] children) {
            Object[] firsts = new Object[children.length];
            int size = 0;
            for (int i = 0; i < children.length; i++) {
                firsts[i] = children[i].first();
                size += children[i].size();
            }
            return new Branch(firsts, children, size);
        }

        Branch with(int at, Node child) {
            Object[] otherFirsts = firsts.clone();
            Node[] otherChildren = children.clone();
            otherFirsts[at] = child.first();
            otherChildren[at] = child;
            return new Branch(otherFirsts, otherChildren, size - children[at].size() + child.size());
        }

        @Override
        public Object first() {
            return firsts[0];
        }
    }

    int size() {
        return root.size();
    }

    @Nullable E get(K key) {
        Node node = root;
        while (node instanceof Branch branch) {
            node = branch.children[childFor(branch, key)];
        }
        Object[] elements = ((Leaf) node).elements;
        int index = search(elements, key);
        return index >= 0 ? element(elements[index]) : null;
    }

    /** Adds the element, or replaces the one with an equal key. */
    OrderedTree<E, K> with(E element) {
        Node[] parts = put(root, element, keyOf.apply(element));
        return new OrderedTree<>(keyOf, order, parts.length == 1 ? parts[0] : Branch.of(parts));
    }

    OrderedTree<E, K> without(K key) {
        Node remaining = remove(root, key);
        if (remaining == root) {
            return this;
        }
        while (remaining instanceof Branch branch && branch.children.length == 1) {
            remaining = branch.children[0];
        }
        return new OrderedTree<>(keyOf, order, remaining == null ? new Leaf(new Object[0]) : remaining);
    }

    /** How many elements come before {@code key}. */
    int rank(K key) {
        int before = 0;
        Node node = root;
        while (node instanceof Branch branch) {
            int child = childFor(branch, key);
            for (int i = 0; i < child; i++) {
                before += branch.children[i].size();
            }
            node = branch.children[child];
        }
        int index = search(((Leaf) node).elements, key);
        return before + (index >= 0 ? index : -index - 1);
    }

    /** Visits the elements at and behind {@code from} (null: all) in order, as long as {@code each} says so. */
    void walk(@Nullable K from, Predicate<E> each) {
        walk(root, from, each);
    }

    private boolean walk(Node node, @Nullable K from, Predicate<E> each) {
        switch (node) {
            case Leaf leaf -> {
                int index = from == null ? 0 : search(leaf.elements, from);
                for (int i = index >= 0 ? index : -index - 1; i < leaf.elements.length; i++) {
                    if (!each.test(element(leaf.elements[i]))) {
                        return false;
                    }
                }
            }
            case Branch branch -> {
                int child = from == null ? 0 : childFor(branch, from);
                for (int i = child; i < branch.children.length; i++) {
                    if (!walk(branch.children[i], i == child ? from : null, each)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private Node[] put(Node node, E element, K key) {
        return switch (node) {
            case Leaf leaf -> {
                int index = search(leaf.elements, key);
                if (index >= 0) {
                    Object[] changed = leaf.elements.clone();
                    changed[index] = element;
                    yield new Node[] {new Leaf(changed)};
                }
                int at = -index - 1;
                Object[] grown = new Object[leaf.elements.length + 1];
                System.arraycopy(leaf.elements, 0, grown, 0, at);
                grown[at] = element;
                System.arraycopy(leaf.elements, at, grown, at + 1, leaf.elements.length - at);
                if (grown.length <= WIDTH) {
                    yield new Node[] {new Leaf(grown)};
                }
                // Names often come in ascending order: a split at the end keeps the left leaf full.
                int cut = at == grown.length - 1 ? WIDTH : grown.length / 2;
                yield new Node[] {
                    new Leaf(Arrays.copyOfRange(grown, 0, cut)), new Leaf(Arrays.copyOfRange(grown, cut, grown.length))
                };
            }
            case Branch branch -> {
                int child = childFor(branch, key);
                Node[] parts = put(branch.children[child], element, key);
                if (parts.length == 1) {
                    yield new Node[] {branch.with(child, parts[0])};
                }
                Node[] children = new Node[branch.children.length + parts.length - 1];
                System.arraycopy(branch.children, 0, children, 0, child);
                System.arraycopy(parts, 0, children, child, parts.length);
                System.arraycopy(
                        branch.children, child + 1, children, child + parts.length, branch.children.length - child - 1);
                if (children.length <= WIDTH) {
                    yield new Node[] {Branch.of(children)};
                }
                int cut = child == branch.children.length - 1 ? WIDTH : children.length / 2;
                yield new Node[] {
                    Branch.of(Arrays.copyOfRange(children, 0, cut)),
                    Branch.of(Arrays.copyOfRange(children, cut, children.length))
                };
            }
        };
    }

    /** The node without the key: null when nothing is left, the same node when the key is not there. */
    private @Nullable Node remove(Node node, K key) {
        switch (node) {
            case Leaf leaf -> {
                int index = search(leaf.elements, key);
                if (index < 0) {
                    return leaf;
                }
                if (leaf.elements.length == 1) {
                    return null;
                }
                Object[] shrunk = new Object[leaf.elements.length - 1];
                System.arraycopy(leaf.elements, 0, shrunk, 0, index);
                System.arraycopy(leaf.elements, index + 1, shrunk, index, shrunk.length - index);
                return new Leaf(shrunk);
            }
            case Branch branch -> {
                int child = childFor(branch, key);
                Node before = branch.children[child];
                Node after = remove(before, key);
                if (after == before) {
                    return branch;
                }
                if (after == null) {
                    return branch.children.length == 1 ? null : Branch.of(spliced(branch.children, child, 1));
                }
                int neighbour = child > 0 ? child - 1 : child + 1;
                if (width(after) < SPARSE
                        && neighbour < branch.children.length
                        && width(after) + width(branch.children[neighbour]) <= WIDTH) {
                    Node joined = neighbour < child
                            ? join(branch.children[neighbour], after)
                            : join(after, branch.children[neighbour]);
                    return Branch.of(spliced(branch.children, Math.min(child, neighbour), 2, joined));
                }
                return branch.with(child, after);
            }
        }
    }

    private static Node[] spliced(Node[] children, int at, int drop, Node... insert) {
        Node[] result = new Node[children.length - drop + insert.length];
        System.arraycopy(children, 0, result, 0, at);
        System.arraycopy(insert, 0, result, at, insert.length);
        System.arraycopy(children, at + drop, result, at + insert.length, children.length - at - drop);
        return result;
    }

    private static int width(Node node) {
        return switch (node) {
            case Leaf leaf -> leaf.elements.length;
            case Branch branch -> branch.children.length;
        };
    }

    /** All leaves are at one depth, so neighbours are of one sort. */
    private static Node join(Node left, Node right) {
        if (left instanceof Leaf first && right instanceof Leaf second) {
            Object[] elements = Arrays.copyOf(first.elements, first.elements.length + second.elements.length);
            System.arraycopy(second.elements, 0, elements, first.elements.length, second.elements.length);
            return new Leaf(elements);
        }
        return Branch.of(spliced(((Branch) left).children, width(left), 0, ((Branch) right).children));
    }

    /** The child whose range holds the key; keys before the first belong to the first. */
    private int childFor(Branch branch, K key) {
        int index = search(branch.firsts, key);
        return index >= 0 ? index : Math.max(0, -index - 2);
    }

    private int search(Object[] sorted, K key) {
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int compared = order.compare(keyOf.apply(element(sorted[middle])), key);
            if (compared == 0) {
                return middle;
            }
            if (compared < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    @SuppressWarnings("unchecked")
    private E element(Object stored) {
        return (E) stored;
    }
}
