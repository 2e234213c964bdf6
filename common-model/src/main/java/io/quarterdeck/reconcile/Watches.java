package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.feed.Index;
import io.quarterdeck.model.ObjectKey;
import java.time.Duration;
import java.util.Collection;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;

/** What wakes a reconciler of {@code T}, beside changes of {@code T} itself. */
public interface Watches<T extends HasMetadata> {

    /** A change of {@code kind}, seen before and after, wakes the objects of {@code T} whose keys {@code wakes} gives. */
    <K extends HasMetadata> Watches<T> also(Class<K> kind, Function<K, Collection<ObjectKey>> wakes);

    /** As above, for mappings that have to look at other cached objects. */
    <K extends HasMetadata> Watches<T> also(Class<K> kind, BiFunction<K, View, Collection<ObjectKey>> wakes);

    /** As above, but a change wakes only when {@code worth} holds of before and after; coming and going always does. */
    <K extends HasMetadata> Watches<T> alsoWhen(
            Class<K> kind, BiPredicate<K, K> worth, BiFunction<K, View, Collection<ObjectKey>> wakes);

    /** Makes {@code kind} readable through the view without waking anything. */
    <K extends HasMetadata> Watches<T> reads(Class<K> kind);

    <K extends HasMetadata> Watches<T> index(Class<K> kind, Index<? super K> index);

    /** Also wakes each object of {@code T} from time to time, as a safety net or for periodic work. */
    Watches<T> every(Duration period);
}
