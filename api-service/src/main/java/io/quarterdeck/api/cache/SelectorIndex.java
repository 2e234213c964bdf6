package io.quarterdeck.api.cache;

import io.quarterdeck.model.ObjectKey;
import java.util.Comparator;
import java.util.Map;
import java.util.function.Function;

/** Which keys carry a pair of words: a label and its value, or a selectable field and its value. Immutable. */
record SelectorIndex(OrderedTree<SelectorIndex.Posting, SelectorIndex.Posting> postings) {

    static final SelectorIndex EMPTY = new SelectorIndex(OrderedTree.empty(Function.identity(), Posting.ORDER));

    record Posting(String word, String value, ObjectKey key) {
        static final Comparator<Posting> ORDER = Posting::compare;

        private static int compare(Posting left, Posting right) {
            int byWord = left.word.compareTo(right.word);
            if (byWord != 0) {
                return byWord;
            }
            int byValue = left.value.compareTo(right.value);
            return byValue != 0 ? byValue : left.key.compareTo(right.key);
        }

        boolean sameTerm(Posting other) {
            return value.equals(other.value) && word.equals(other.word);
        }
    }

    /** The index after the words of one key went from {@code before} to {@code after}. */
    SelectorIndex moved(ObjectKey key, Map<String, String> before, Map<String, String> after) {
        if (before.equals(after)) {
            return this;
        }
        OrderedTree<Posting, Posting> next = postings;
        for (Map.Entry<String, String> pair : before.entrySet()) {
            if (!pair.getValue().equals(after.get(pair.getKey()))) {
                next = next.without(new Posting(pair.getKey(), pair.getValue(), key));
            }
        }
        for (Map.Entry<String, String> pair : after.entrySet()) {
            if (!pair.getValue().equals(before.get(pair.getKey()))) {
                next = next.with(new Posting(pair.getKey(), pair.getValue(), key));
            }
        }
        return new SelectorIndex(next);
    }

    int count(String word, String value, KeyRange range) {
        return postings.rank(new Posting(word, value, range.end()))
                - postings.rank(new Posting(word, value, range.start()));
    }
}
