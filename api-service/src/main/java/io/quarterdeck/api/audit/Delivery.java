package io.quarterdeck.api.audit;

import java.util.List;

/** Brings events to their receiver; an exception means that they did not arrive and may be tried again. Thread-safe. */
interface Delivery extends AutoCloseable {

    void deliver(List<byte[]> events) throws Exception;
}
