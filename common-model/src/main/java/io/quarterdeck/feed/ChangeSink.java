package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;

/** Takes the changes of one resource in the order of their revisions. Not thread-safe: one caller at a time. */
public interface ChangeSink<T extends HasMetadata> {

    /** All that exists at {@code revision}; what is not among {@code objects} is gone. */
    void replace(long revision, List<T> objects);

    /** The object as of {@code revision}; added or modified makes no difference. */
    void put(long revision, T object);

    /** The object is gone; {@code last} is its last state. */
    void remove(long revision, T last);

    /** Nothing up to {@code revision} is outstanding. */
    void reached(long revision);

    /** The highest revision told of so far; 0 before the first {@link #replace}. */
    long revision();
}
