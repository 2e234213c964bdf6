package io.quarterdeck.api.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrderedTreeTest {

    private static List<Integer> elements(OrderedTree<Integer, Integer> tree, Integer from) {
        List<Integer> elements = new ArrayList<>();
        tree.walk(from, elements::add);
        return elements;
    }

    @Test
    void agreesWithASortedSetThroughRandomChanges() {
        Random random = new Random(7);
        OrderedTree<Integer, Integer> tree = OrderedTree.empty(Function.identity(), Comparator.<Integer>naturalOrder());
        TreeSet<Integer> model = new TreeSet<>();
        for (int i = 0; i < 30_000; i++) {
            int key = random.nextInt(3_000);
            boolean grow = (i / 5_000) % 2 == 0;
            if (random.nextInt(10) < (grow ? 7 : 2)) {
                tree = tree.with(key);
                model.add(key);
            } else {
                tree = tree.without(key);
                model.remove(key);
            }
            if (i % 500 == 0) {
                int from = random.nextInt(3_000);
                assertThat(elements(tree, null)).containsExactlyElementsOf(model);
                assertThat(elements(tree, from)).containsExactlyElementsOf(model.tailSet(from));
                assertThat(tree.rank(from)).isEqualTo(model.headSet(from).size());
                assertThat(tree.size()).isEqualTo(model.size());
            }
        }
    }

    @Test
    void aRootThatAReaderKeepsNeverChanges() {
        OrderedTree<Integer, Integer> tree = OrderedTree.empty(Function.identity(), Comparator.<Integer>naturalOrder());
        for (int i = 0; i < 500; i++) {
            tree = tree.with(i);
        }
        OrderedTree<Integer, Integer> kept = tree;
        for (int i = 0; i < 500; i++) {
            tree = tree.without(i);
        }
        assertThat(tree.size()).isZero();
        assertThat(elements(tree, null)).isEmpty();
        assertThat(kept.size()).isEqualTo(500);
        assertThat(elements(kept, 499)).containsExactly(499);
    }

    @Test
    void isBuiltFromSortedElements() {
        for (int size : new int[] {0, 1, 64, 65, 5_000}) {
            List<Integer> sorted = IntStream.range(0, size).boxed().toList();
            assertThat(elements(
                            OrderedTree.ofSorted(Function.identity(), Comparator.<Integer>naturalOrder(), sorted),
                            null))
                    .isEqualTo(sorted);
        }
    }
}
