package io.quarterdeck.proxy.dns;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.quarterdeck.model.ObjectKey;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The Services and endpoints that names are made of, from memory. Thread-safe. */
public interface ServiceDirectory {

    Optional<Service> service(ObjectKey key);

    List<Service> services();

    Collection<EndpointSlice> slices(ObjectKey service);
}
