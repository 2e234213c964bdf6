package io.quarterdeck.node.images;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.node.events.NodeEvents;
import io.quarterdeck.node.events.NodeEvents.Type;
import io.quarterdeck.node.runtime.ImageService;
import io.quarterdeck.node.runtime.ImageService.Image;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.volumes.ClusterObjects;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Brings images to the node, in upstream's words. Blocking, thread-safe. Source: "Images", pull policy and
 * ImagePullBackOff.
 */
public final class ImagePuller {

    private static final Duration FIRST_DELAY = Duration.ofSeconds(10);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(5);
    private static final int PULLS_AT_ONCE = 4;

    private final ImageService images;
    private final PullSecrets secrets;
    private final NodeEvents events;
    private final InstantSource clock;
    private final Semaphore pulls = new Semaphore(PULLS_AT_ONCE);

    /** By pod uid and image. */
    private final Map<String, Delay> delays = new ConcurrentHashMap<>();

    private record Delay(Duration length, Instant until, String error) {}

    public ImagePuller(ImageService images, ClusterObjects objects, NodeEvents events, InstantSource clock) {
        this.images = images;
        this.secrets = new PullSecrets(objects);
        this.events = events;
        this.clock = clock;
    }

    /** Throws {@link ImageFailure} when the image cannot be had now. */
    public Image ensure(Pod pod, Container container) throws InterruptedException {
        String name = container.getImage();
        ImageReference reference = ImageReference.parse(name).orElseThrow(() -> {
            String message =
                    "Failed to apply default image tag \"%s\": couldn't parse image name \"%s\": invalid reference format"
                            .formatted(name, name);
            events.pod(pod, container.getName(), Type.WARNING, "InspectFailed", message);
            return new ImageFailure("InvalidImageName", message, clock.instant().plus(LONGEST_DELAY));
        });
        Optional<Image> present = images.find(reference.name());
        String policy = Objects.requireNonNullElse(
                container.getImagePullPolicy(), reference.name().endsWith(":latest") ? "Always" : "IfNotPresent");
        if (present.isPresent() && !"Always".equals(policy)) {
            events.pod(
                    pod,
                    container.getName(),
                    Type.NORMAL,
                    "Pulled",
                    "Container image \"%s\" already present on machine and can be accessed by the pod".formatted(name));
            return present.get();
        }
        if ("Never".equals(policy)) {
            String message = "Container image \"%s\" is not present with pull policy of Never".formatted(name);
            events.pod(pod, container.getName(), Type.WARNING, "ErrImageNeverPull", message);
            throw new ImageFailure("ErrImageNeverPull", message, clock.instant().plus(FIRST_DELAY));
        }
        return pull(pod, container, reference);
    }

    private Image pull(Pod pod, Container container, ImageReference reference) throws InterruptedException {
        String key = pod.getMetadata().getUid() + "/" + reference.name();
        Delay delay = delays.get(key);
        Instant now = clock.instant();
        if (delay != null && now.isBefore(delay.until())) {
            String message = "Back-off pulling image \"%s\"".formatted(container.getImage());
            events.pod(pod, container.getName(), Type.NORMAL, "BackOff", message);
            throw new ImageFailure("ImagePullBackOff", message + ": " + delay.error(), delay.until());
        }
        events.pod(
                pod,
                container.getName(),
                Type.NORMAL,
                "Pulling",
                "Pulling image \"%s\"".formatted(container.getImage()));
        pulls.acquire();
        Instant began = clock.instant();
        try {
            images.pull(reference.name(), secrets.of(pod, reference));
            Image image = images.find(reference.name()).orElseThrow();
            delays.remove(key);
            events.pod(
                    pod,
                    container.getName(),
                    Type.NORMAL,
                    "Pulled",
                    "Successfully pulled image \"%s\" in %s (%s including waiting). Image size: %d bytes."
                            .formatted(
                                    container.getImage(),
                                    seconds(Duration.between(began, clock.instant())),
                                    seconds(Duration.between(now, clock.instant())),
                                    image.size()));
            return image;
        } catch (RuntimeFailure e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            Duration length = delay == null ? FIRST_DELAY : delay.length().multipliedBy(2);
            length = length.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : length;
            String error = "ErrImagePull: " + e.text();
            delays.put(key, new Delay(length, clock.instant().plus(length), error));
            events.pod(
                    pod,
                    container.getName(),
                    Type.WARNING,
                    "Failed",
                    "Failed to pull image \"%s\": %s".formatted(container.getImage(), e.text()));
            // Tried again at once only to say that it is in its back-off now.
            throw new ImageFailure("ErrImagePull", e.text(), clock.instant().plusSeconds(2));
        } finally {
            pulls.release();
        }
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() < 1000
                ? duration.toMillis() + "ms"
                : "%.3fs".formatted(duration.toMillis() / 1000.0);
    }

    /** The pod is gone. */
    public void forget(String podUid) {
        delays.keySet().removeIf(key -> key.startsWith(podUid + "/"));
    }
}
