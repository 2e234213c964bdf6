package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sends the writes of plans to the API. Thread-safe. */
public final class ActionPerformer {

    /** Requests of one action that run side by side at most. */
    private static final int ABREAST = 64;

    private final ApiClient api;
    private final EventRecorder events;

    public ActionPerformer(ApiClient api, EventRecorder events) {
        this.api = api;
        this.events = events;
    }

    /**
     * Performs the actions in order, up to the first that fails.
     *
     * @param component what events name as their source, {@code replicaset-controller}
     */
    public Outcome perform(String component, List<? extends Action> actions) {
        List<Outcome.Result> results = new ArrayList<>();
        for (Action action : actions) {
            List<Outcome.Result> own = perform(component, action);
            results.addAll(own);
            if (own.stream().anyMatch(result -> result.failure().isPresent())) {
                break;
            }
        }
        return new Outcome(results);
    }

    private List<Outcome.Result> perform(String component, Action action) {
        return switch (action) {
            case Action.Create create -> List.of(one(create, () -> create(create.object())));
            case Action.Update update -> List.of(one(update, () -> update(update.object(), "")));
            case Action.UpdateStatus update -> List.of(one(update, () -> update(update.object(), "status")));
            case Action.UpdateSubresource update ->
                List.of(one(update, () -> update(update.object(), update.subresource())));
            case Action.Patch patch -> List.of(one(patch, () -> patch(patch)));
            case Action.Delete delete -> List.of(one(delete, () -> delete(delete)));
            case Action.CreateMany many -> List.of(createMany(many));
            case Action.Together together ->
                abreast(together.actions(), inner -> perform(component, inner)).stream()
                        .flatMap(List::stream)
                        .toList();
            case Action.EmitEvent event -> {
                events.emit(component, event);
                yield List.of(new Outcome.Result(event, List.of(), Optional.empty()));
            }
        };
    }

    private interface Write {
        @Nullable HasMetadata send();
    }

    private static Outcome.Result one(Action action, Write write) {
        try {
            HasMetadata written = write.send();
            return new Outcome.Result(action, written == null ? List.of() : List.of(written), Optional.empty());
        } catch (StatusException refused) {
            return new Outcome.Result(action, List.of(), Optional.of(failure(refused)));
        }
    }

    private static Outcome.Failure failure(StatusException refused) {
        return new Outcome.Failure(refused.code(), refused.reason(), refused.text());
    }

    private <T extends HasMetadata> HasMetadata create(T object) {
        ResourceType<T> type = typeOf(object);
        try {
            return api.create(type, object);
        } catch (StatusException refused) {
            if (!refused.reason().equals("AlreadyExists")
                    || object.getMetadata().getName() == null) {
                throw refused;
            }
            T there = api.get(type, ObjectStore.keyOf(object));
            boolean same = Owners.controllerOf(object).isPresent()
                    && Owners.controllerOf(object)
                            .equals(Owners.controllerOf(there)
                                    .filter(reference -> there.getMetadata().getDeletionTimestamp() == null));
            if (same) {
                return there;
            }
            throw refused;
        }
    }

    private <T extends HasMetadata> HasMetadata update(T object, String subresource) {
        return api.update(typeOf(object), object, subresource);
    }

    private HasMetadata patch(Action.Patch patch) {
        return api.patch(
                ResourceType.of(patch.kind()),
                patch.key(),
                patch.subresource(),
                contentType(patch.type()),
                patch.body());
    }

    private static String contentType(Action.PatchType type) {
        return switch (type) {
            case JSON -> "application/json-patch+json";
            case MERGE -> "application/merge-patch+json";
            case STRATEGIC -> "application/strategic-merge-patch+json";
        };
    }

    private @Nullable HasMetadata delete(Action.Delete delete) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withNewPreconditions()
                .withUid(delete.uid())
                .endPreconditions()
                .build();
        delete.propagation().ifPresent(policy -> options.setPropagationPolicy(policy.word()));
        delete.gracePeriodSeconds().ifPresent(options::setGracePeriodSeconds);
        try {
            return api.delete(ResourceType.of(delete.kind()), delete.key(), options);
        } catch (StatusException refused) {
            if (refused.code() == 404) {
                return null;
            }
            throw refused;
        }
    }

    /** Batches of 1, 2, 4 …: when the API refuses, few requests were in vain. */
    private Outcome.Result createMany(Action.CreateMany many) {
        List<HasMetadata> written = new ArrayList<>();
        List<? extends HasMetadata> left = many.objects();
        for (int size = 1; !left.isEmpty(); size = Math.min(size * 2, ABREAST)) {
            List<? extends HasMetadata> batch = left.subList(0, Math.min(size, left.size()));
            List<Outcome.Result> results =
                    abreast(batch, object -> one(new Action.Create(object), () -> create(object)));
            results.forEach(result -> written.addAll(result.written()));
            Optional<Outcome.Failure> failure = results.stream()
                    .flatMap(result -> result.failure().stream())
                    .findFirst();
            if (failure.isPresent()) {
                return new Outcome.Result(many, written, failure);
            }
            left = left.subList(batch.size(), left.size());
        }
        return new Outcome.Result(many, written, Optional.empty());
    }

    private static <A, R> List<R> abreast(List<? extends A> items, Function<A, R> work) {
        if (items.size() == 1) {
            return List.of(work.apply(items.getFirst()));
        }
        List<R> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int start = 0; start < items.size(); start += ABREAST) {
                List<Future<R>> running = new ArrayList<>();
                for (A item : items.subList(start, Math.min(items.size(), start + ABREAST))) {
                    running.add(threads.submit(() -> work.apply(item)));
                }
                for (Future<R> one : running) {
                    results.add(one.get());
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while writing");
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof RuntimeException fault ? fault : new IllegalStateException(failure);
        }
        return results;
    }

    @SuppressWarnings("unchecked") // an object's class is a class of that object's type
    private static <T extends HasMetadata> ResourceType<T> typeOf(T object) {
        return ResourceType.of((Class<T>) object.getClass());
    }
}
