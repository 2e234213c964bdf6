package io.quarterdeck.api.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceDefinition.Traits;
import io.quarterdeck.model.GroupResource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;

class DeletionTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.5Z");

    private static ResourceDefinition resource(Optional<Duration> grace, Traits traits) {
        GroupResource storage = new GroupResource("", "things");
        return new ResourceDefinition(
                "",
                "v1",
                "things",
                "thing",
                "Thing",
                true,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                storage,
                "v1",
                new ResourceStrategy() {
                    @Override
                    public GroupResource resource() {
                        return storage;
                    }

                    @Override
                    public Optional<Duration> gracePeriod(Document object, Optional<Long> asked) {
                        return asked.map(Duration::ofSeconds).or(() -> grace);
                    }
                },
                traits);
    }

    private static final ResourceDefinition PLAIN = new ResourceDefinition(
            "",
            "v1",
            "things",
            "thing",
            "Thing",
            true,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            new GroupResource("", "things"),
            "v1",
            () -> new GroupResource("", "things"),
            Traits.COMMON);

    private static Document object(String... finalizers) {
        Document object = Document.empty().set("metadata.name", "a").set("metadata.generation", 1);
        if (finalizers.length > 0) {
            ArrayNode list = object.object("metadata").putArray("finalizers");
            List.of(finalizers).forEach(list::add);
        }
        return object;
    }

    private static DeleteOptions options(String propagation) {
        return new DeleteOptions(
                Optional.empty(), propagation, Optional.empty(), Optional.empty(), Optional.empty(), false);
    }

    @Test
    void withoutFinalizersItGoesAtOnce() {
        assertThat(Deletion.decide(object(), PLAIN, DeleteOptions.DEFAULT, NOW)).isEqualTo(new Deletion.Now());
    }

    @Test
    void finalizersHoldIt() {
        Deletion.Marked marked =
                (Deletion.Marked) Deletion.decide(object("example.com/x"), PLAIN, DeleteOptions.DEFAULT, NOW);
        assertThat(marked.goesNext()).isFalse();
        assertThat(marked.next().text("metadata.deletionTimestamp")).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(marked.next().number("metadata.deletionGracePeriodSeconds", -1))
                .isZero();
        assertThat(marked.next().number("metadata.generation", 0)).isEqualTo(2);
        assertThat(Deletion.decide(marked.next(), PLAIN, DeleteOptions.DEFAULT, NOW))
                .isEqualTo(new Deletion.Pending());
    }

    @Test
    void policiesBecomeFinalizers() {
        Deletion.Marked orphan = (Deletion.Marked) Deletion.decide(object(), PLAIN, options("Orphan"), NOW);
        assertThat(orphan.next().finalizers()).containsExactly("orphan");
        Deletion.Marked foreground =
                (Deletion.Marked) Deletion.decide(object("orphan"), PLAIN, options("Foreground"), NOW);
        assertThat(foreground.next().finalizers()).containsExactly("foregroundDeletion");
        assertThat(Deletion.decide(object("orphan"), PLAIN, options("Background"), NOW))
                .isEqualTo(new Deletion.Now());
    }

    @Test
    void aGracePeriodMayOnlyBeShortened() {
        ResourceDefinition graceful = resource(Optional.of(Duration.ofSeconds(30)), Traits.COMMON);
        Deletion.Marked marked = (Deletion.Marked) Deletion.decide(object(), graceful, DeleteOptions.DEFAULT, NOW);
        assertThat(marked.goesNext()).isFalse();
        assertThat(marked.next().text("metadata.deletionTimestamp")).isEqualTo("2026-01-01T00:00:30Z");
        DeleteOptions longer =
                new DeleteOptions(Optional.of(60L), "", Optional.empty(), Optional.empty(), Optional.empty(), false);
        assertThat(Deletion.decide(marked.next(), graceful, longer, NOW)).isEqualTo(new Deletion.Pending());
        DeleteOptions negative =
                new DeleteOptions(Optional.of(-1L), "", Optional.empty(), Optional.empty(), Optional.empty(), false);
        assertThat(Deletion.decide(marked.next(), graceful, negative, NOW))
                .isInstanceOfSatisfying(
                        Deletion.Marked.class,
                        shortened -> assertThat(shortened.next().number("metadata.deletionGracePeriodSeconds", 0))
                                .as("what is negative counts as a second")
                                .isEqualTo(1));
        DeleteOptions none =
                new DeleteOptions(Optional.of(0L), "", Optional.empty(), Optional.empty(), Optional.empty(), false);
        Deletion.Marked now = (Deletion.Marked) Deletion.decide(marked.next(), graceful, none, NOW);
        assertThat(now.goesNext()).isTrue();
        assertThat(now.next().text("metadata.deletionTimestamp")).isEqualTo("2026-01-01T00:00:00Z");
    }

    @Test
    void theLastFinalizerFinishesIt() {
        Document marked = object("example.com/x").set("metadata.deletionTimestamp", "2026-01-01T00:00:00Z");
        Document next = marked.copy();
        next.remove("metadata.finalizers");
        assertThat(Deletion.finished(marked, next, PLAIN.strategy())).isTrue();
        assertThat(Deletion.finished(object(), next, PLAIN.strategy())).isFalse();
    }

    @Test
    void aDryRunOfAnotherKindIsToldAsJson() {
        assertThat(DeleteOptions.dryRunError(List.of("\0", "a\"b"))
                        .orElseThrow()
                        .toString())
                .isEqualTo("dryRun: Unsupported value: [\"\\u0000\",\"a\\\"b\"]: supported values: \"All\"");
        assertThat(DeleteOptions.dryRunError(List.of("All", "All"))).isEmpty();
    }
}
