package io.quarterdeck.proxy.rules;

import java.util.Map;
import java.util.Set;

/**
 * Where rules take effect: the port behind which a proxy mode stands. Used by one thread.
 */
public interface ServiceTable extends AutoCloseable {

    /** Starts from nothing: whatever was there of an earlier run is replaced at once by {@code rules}. */
    void replaceAll(Map<ServicePortName, ServiceRule> rules);

    /** Changes what is named and leaves the rest untouched. */
    void update(Map<ServicePortName, ServiceRule> changed, Set<ServicePortName> removed);

    /** Takes every trace away. */
    void remove();

    @Override
    void close();
}
