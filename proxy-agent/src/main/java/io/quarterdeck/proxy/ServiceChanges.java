package io.quarterdeck.proxy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.quarterdeck.feed.ChangeHandler;
import io.quarterdeck.feed.Index;
import io.quarterdeck.feed.Informer;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.model.ObjectKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of Services, and which of them changed since somebody last asked. A change marks its Service only.
 * Thread-safe.
 */
public final class ServiceChanges {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    /** Endpoint slices by the Service that they belong to, as {@code namespace/name}. */
    private static final Index<EndpointSlice> BY_SERVICE = new Index<>(
            "service", slice -> serviceOf(slice).map(ObjectKey::path).stream().toList());

    private final Informer<Service> services;
    private final Informer<EndpointSlice> slices;
    private final Set<ObjectKey> changed = new HashSet<>();

    public ServiceChanges(Informers informers) {
        services = informers.of(Service.class);
        slices = informers.of(EndpointSlice.class);
        slices.index(BY_SERVICE);
        services.handle(new Marking<>() {
            @Override
            Optional<ObjectKey> mark(Service service) {
                return Optional.of(new ObjectKey(
                        service.getMetadata().getNamespace(),
                        service.getMetadata().getName()));
            }
        });
        slices.handle(new Marking<>() {
            @Override
            Optional<ObjectKey> mark(EndpointSlice slice) {
                return serviceOf(slice);
            }
        });
    }

    private static Optional<ObjectKey> serviceOf(EndpointSlice slice) {
        if (slice.getMetadata().getLabels() == null) {
            return Optional.empty();
        }
        String service = slice.getMetadata().getLabels().get(SERVICE_NAME);
        return service == null || service.isEmpty()
                ? Optional.empty()
                : Optional.of(new ObjectKey(slice.getMetadata().getNamespace(), service));
    }

    public boolean synced() {
        return services.synced() && slices.synced();
    }

    public List<Service> services() {
        return services.lister().all();
    }

    public Optional<Service> service(ObjectKey key) {
        return services.lister().get(key.namespace(), key.name());
    }

    public Collection<EndpointSlice> slices(ObjectKey service) {
        return slices.lister().byIndex(BY_SERVICE, service.path());
    }

    /** Waits for a change, at most {@code millis}; gives what changed and forgets it. */
    synchronized Set<ObjectKey> take(long millis) throws InterruptedException {
        if (changed.isEmpty()) {
            wait(millis);
        }
        Set<ObjectKey> taken = Set.copyOf(changed);
        changed.clear();
        return taken;
    }

    private synchronized void changed(ObjectKey service) {
        changed.add(service);
        notifyAll();
    }

    private abstract class Marking<T extends HasMetadata> implements ChangeHandler<T> {

        abstract Optional<ObjectKey> mark(T object);

        @Override
        public void added(T object) {
            mark(object).ifPresent(ServiceChanges.this::changed);
        }

        @Override
        public void updated(T before, T after) {
            mark(before).ifPresent(ServiceChanges.this::changed);
            mark(after).ifPresent(ServiceChanges.this::changed);
        }

        @Override
        public void deleted(T last) {
            mark(last).ifPresent(ServiceChanges.this::changed);
        }
    }
}
