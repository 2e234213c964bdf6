package io.quarterdeck.node.runtime.docker;

import static io.quarterdeck.node.runtime.docker.DockerEngine.call;
import static io.quarterdeck.node.runtime.docker.DockerEngine.settle;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.command.PullImageResultCallback;
import com.github.dockerjava.api.model.AuthConfig;
import io.quarterdeck.node.runtime.ImageService;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.RuntimeFailure.Kind;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Docker's images. */
final class DockerImages implements ImageService {

    private final DockerEngine engine;

    DockerImages(DockerEngine engine) {
        this.engine = engine;
    }

    @Override
    public Optional<Image> find(String reference) {
        try {
            InspectImageResponse image =
                    call(() -> engine.client().inspectImageCmd(reference).exec());
            String user = image.getConfig() == null
                    ? ""
                    : Objects.requireNonNullElse(image.getConfig().getUser(), "");
            return Optional.of(new Image(
                    Objects.requireNonNull(image.getId()),
                    orEmpty(image.getRepoTags()),
                    orEmpty(image.getRepoDigests()),
                    Objects.requireNonNullElse(image.getSize(), 0L),
                    user));
        } catch (RuntimeFailure e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static List<String> orEmpty(@Nullable List<String> values) {
        return values == null ? List.of() : List.copyOf(values);
    }

    @Override
    public List<Image> list() {
        return call(() -> engine.client().listImagesCmd().exec()).stream()
                .map(image -> new Image(
                        image.getId(),
                        named(image.getRepoTags()),
                        named(image.getRepoDigests()),
                        Objects.requireNonNullElse(image.getSize(), 0L),
                        ""))
                .toList();
    }

    private static List<String> named(String @Nullable [] names) {
        return names == null
                ? List.of()
                : Arrays.stream(names)
                        .filter(name -> !name.startsWith("<none>"))
                        .toList();
    }

    @Override
    public void pull(String reference, List<RegistryCredentials> credentials) {
        if (credentials.isEmpty()) {
            pullOnce(reference, null);
            return;
        }
        RuntimeFailure last = null;
        for (RegistryCredentials one : credentials) {
            try {
                pullOnce(
                        reference,
                        new AuthConfig()
                                .withRegistryAddress(one.registry())
                                .withUsername(one.username())
                                .withPassword(one.password()));
                return;
            } catch (RuntimeFailure e) {
                last = e;
            }
        }
        throw Objects.requireNonNull(last);
    }

    private void pullOnce(String reference, @Nullable AuthConfig auth) {
        call(() -> {
            PullImageCmd command = engine.client().pullImageCmd(reference);
            if (auth != null) {
                command.withAuthConfig(auth);
            }
            try {
                return command.exec(new PullImageResultCallback()).awaitCompletion();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RuntimeFailure(Kind.OTHER, "interrupted", e);
            }
        });
    }

    @Override
    public void remove(String id) {
        settle(() -> engine.client().removeImageCmd(id).exec());
    }

    @Override
    public void load(InputStream archive) {
        call(() -> engine.client().loadImageCmd(archive).exec());
    }
}
