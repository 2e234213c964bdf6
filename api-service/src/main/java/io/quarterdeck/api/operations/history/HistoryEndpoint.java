package io.quarterdeck.api.operations.history;

import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.model.GroupResource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.data.domain.Limit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Who changed what. {@code ?group=&resource=&key=namespace/name} tells one object's history; {@code below} continues a
 * page; {@code /REVISION} shows a state. Bodies of Secrets are never shown.
 */
@Endpoint(id = "history")
final class HistoryEndpoint {

    private static final int USUAL_PAGE = 50;
    private static final int LARGEST_PAGE = 500;

    private final ChangeHistory history;
    private final BodySeal seal;
    private final JsonMapper json = JsonMapper.shared();

    HistoryEndpoint(ChangeHistory history, BodySeal seal) {
        this.history = history;
        this.seal = seal;
    }

    /** @param below what {@code below} has to be for the next page; null when this is the last */
    record Page(List<HistoryRow> changes, @Nullable Long below) {}

    record State(HistoryRow change, @Nullable JsonNode object) {}

    @ReadOperation
    Page page(
            @Nullable String group,
            @Nullable String resource,
            @Nullable String key,
            @Nullable Long below,
            @Nullable Integer limit) {
        int size = limit == null ? USUAL_PAGE : Math.clamp(limit, 1, LARGEST_PAGE);
        long end = below == null ? Long.MAX_VALUE : below;
        List<HistoryRow> rows = resource == null || key == null
                ? history.recent(end, Limit.of(size))
                : history.ofObject(group == null ? "" : group, resource, key, end, Limit.of(size));
        return new Page(rows, rows.size() < size ? null : rows.getLast().revision());
    }

    @ReadOperation
    @Nullable State state(@Selector long revision) {
        List<HistoryRow> rows = history.recent(revision + 1, Limit.of(1));
        if (rows.isEmpty() || rows.getFirst().revision() != revision) {
            return null;
        }
        HistoryRow row = rows.getFirst();
        boolean secret = (row.group().isEmpty() && row.resource().equals("secrets"))
                || seal.hides(new GroupResource(row.group(), row.resource()));
        return history.findByRevision(revision)
                .map(change -> new State(row, secret ? null : object(change)))
                .orElse(null);
    }

    private JsonNode object(LoggedChange change) {
        String body = new String(RevisionSlot.fill(change.body(), change.revision()), StandardCharsets.UTF_8);
        return json.readTree("{" + body);
    }
}
