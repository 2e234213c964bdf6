package io.quarterdeck.api.store.postgres;

import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.ConflictException;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One batch as arrays for {@code store_commit}, and its answer as outcomes. */
final class BatchCommit {

    private static final String CALL = "select * from store_commit(?::uuid, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final short PUT = 0;
    private static final short REMOVE = 1;
    private static final short GUARD = 2;

    private final UUID id = UUID.randomUUID();
    private final List<PendingWrite> writes;
    private final List<Element> elements = new ArrayList<>();
    private long counterAfter;

    /** An operation or guard; {@code operation} is null for a guard. */
    private record Element(
            int transaction,
            StoreKey key,
            long expected,
            @Nullable Operation operation) {}

    /** What became of a transaction: its changes, or the conflict that prevented it. */
    record Outcome(
            PendingWrite write,
            List<Change> changes,
            @Nullable ConflictException conflict) {}

    BatchCommit(List<PendingWrite> writes) {
        this.writes = writes;
        for (int i = 0; i < writes.size(); i++) {
            Transaction transaction = writes.get(i).transaction();
            for (Operation operation : transaction.operations()) {
                elements.add(new Element(i, operation.key(), operation.expected(), operation));
            }
            for (Transaction.Guard guard : transaction.guards()) {
                elements.add(new Element(i, guard.key(), guard.revision(), null));
            }
        }
    }

    List<PendingWrite> writes() {
        return writes;
    }

    /** The highest revision after the commit. */
    long counterAfter() {
        return counterAfter;
    }

    /** Whether the log knows this batch; {@code behind} is a revision from before it was sent. */
    boolean isLogged(Connection connection, long behind) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select 1 from object_change where revision > ? and batch = ?::uuid limit 1")) {
            statement.setLong(1, behind);
            statement.setString(2, id.toString());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /**
     * Commits in one round trip: the connection is in auto-commit mode, so the call is its own transaction.
     *
     * @param wake whether other processes listen
     */
    List<Outcome> run(Connection connection, ResourceIds resources, BodySeal seal, boolean wake) throws SQLException {
        int size = elements.size();
        Integer[] transactions = new Integer[size];
        Short[] kinds = new Short[size];
        Integer[] resourceIds = new Integer[size];
        String[] keys = new String[size];
        Long[] expectations = new Long[size];
        @Nullable String[] uids = new String[size];
        @Nullable String[] versions = new String[size];
        byte[] @Nullable [] bodies = new byte[size][];
        for (int i = 0; i < size; i++) {
            Element element = elements.get(i);
            transactions[i] = element.transaction + 1;
            resourceIds[i] = resources.idOf(element.key.storage());
            keys[i] = element.key.key().path();
            expectations[i] = element.expected;
            switch (element.operation) {
                case Operation.Put put -> {
                    kinds[i] = PUT;
                    uids[i] = put.header().uid();
                    versions[i] = put.storedVersion();
                    bodies[i] = seal.seal(put.key(), put.body());
                }
                case Operation.Remove remove -> {
                    kinds[i] = REMOVE;
                    uids[i] = remove.header().uid();
                    versions[i] = remove.storedVersion();
                    bodies[i] = seal.seal(remove.key(), remove.lastBody());
                }
                case null -> kinds[i] = GUARD;
            }
        }
        String[] actors = new String[writes.size()];
        String[] audits = new String[writes.size()];
        String[] causes = new String[writes.size()];
        for (int i = 0; i < writes.size(); i++) {
            Transaction.Attribution attribution = writes.get(i).transaction().attribution();
            actors[i] = attribution.actor();
            audits[i] = attribution.auditId();
            causes[i] = attribution.cause();
        }
        try (PreparedStatement call = connection.prepareStatement(CALL)) {
            call.setString(1, id.toString());
            call.setArray(2, connection.createArrayOf("integer", transactions));
            call.setArray(3, connection.createArrayOf("smallint", kinds));
            call.setArray(4, connection.createArrayOf("integer", resourceIds));
            call.setArray(5, connection.createArrayOf("text", keys));
            call.setArray(6, connection.createArrayOf("bigint", expectations));
            call.setArray(7, connection.createArrayOf("text", uids));
            call.setArray(8, connection.createArrayOf("text", versions));
            call.setArray(9, connection.createArrayOf("bytea", bodies));
            call.setArray(10, connection.createArrayOf("text", actors));
            call.setArray(11, connection.createArrayOf("text", audits));
            call.setArray(12, connection.createArrayOf("text", causes));
            call.setBoolean(13, wake);
            try (ResultSet row = call.executeQuery()) {
                row.next();
                counterAfter = row.getLong("counter_after");
                return outcomes(
                        row.getObject("committed_at", OffsetDateTime.class).toInstant(),
                        longs(row.getArray("revisions")),
                        longs(row.getArray("befores")),
                        longs(row.getArray("creations")));
            }
        }
    }

    private static @Nullable Long[] longs(Array array) throws SQLException {
        return (Long[]) array.getArray();
    }

    private List<Outcome> outcomes(Instant at, @Nullable Long[] revisions, Long[] befores, Long[] creations) {
        List<Outcome> outcomes = new ArrayList<>(writes.size());
        int position = 0;
        for (PendingWrite write : writes) {
            int end = position
                    + write.transaction().operations().size()
                    + write.transaction().guards().size();
            ConflictException conflict = null;
            for (int i = position; i < end && conflict == null; i++) {
                Element element = elements.get(i);
                if (befores[i] != element.expected) {
                    conflict = new ConflictException(element.key, befores[i]);
                }
            }
            List<Change> changes = new ArrayList<>();
            long first = 0;
            for (int i = position; i < end && conflict == null; i++) {
                Operation operation = elements.get(i).operation;
                Long revision = revisions[i];
                if (operation != null && revision != null) {
                    first = first == 0 ? revision : first;
                    changes.add(change(operation, revision, creations[i], first, at, write.transaction()));
                }
            }
            outcomes.add(new Outcome(write, changes, conflict));
            position = end;
        }
        return outcomes;
    }

    /** The outcomes of a batch that is known to be committed, from what the log and the table tell. */
    List<Outcome> recovered(Connection connection, ResourceIds resources, long behind) throws SQLException {
        @Nullable Long[] revisions = new Long[elements.size()];
        Long[] befores = new Long[elements.size()];
        Long[] creations = new Long[elements.size()];
        Instant at = Instant.EPOCH;
        try (PreparedStatement logged = connection.prepareStatement(
                        "select revision, at, created_revision"
                                + " from object_change where revision > ? and batch = ?::uuid and resource_id = ? and key = ?");
                PreparedStatement current =
                        connection.prepareStatement("select revision from object where resource_id = ? and key = ?")) {
            for (int i = 0; i < elements.size(); i++) {
                Element element = elements.get(i);
                befores[i] = element.expected;
                creations[i] = 0L;
                logged.setLong(1, behind);
                logged.setString(2, id.toString());
                logged.setInt(3, resources.idOf(element.key.storage()));
                logged.setString(4, element.key.key().path());
                try (ResultSet row = logged.executeQuery()) {
                    if (row.next()) {
                        revisions[i] = row.getLong(1);
                        at = row.getObject(2, OffsetDateTime.class).toInstant();
                        creations[i] = row.getLong(3);
                        continue;
                    }
                }
                if (element.operation != null) {
                    current.setInt(1, resources.idOf(element.key.storage()));
                    current.setString(2, element.key.key().path());
                    try (ResultSet row = current.executeQuery()) {
                        befores[i] = row.next() ? row.getLong(1) : 0L;
                    }
                }
            }
        }
        return conflictsWhereNothingWasLogged(outcomes(at, revisions, befores, creations));
    }

    /** A transaction of a committed batch that logged nothing failed, though its objects may look right by now. */
    private static List<Outcome> conflictsWhereNothingWasLogged(List<Outcome> outcomes) {
        return outcomes.stream()
                .map(outcome -> {
                    if (outcome.conflict != null || !outcome.changes.isEmpty()) {
                        return outcome;
                    }
                    Operation first = outcome.write.transaction().operations().getFirst();
                    return new Outcome(outcome.write, List.of(), new ConflictException(first.key(), first.expected()));
                })
                .toList();
    }

    private static Change change(
            Operation operation, long revision, long created, long first, Instant at, Transaction transaction) {
        Transaction.Attribution attribution = transaction.attribution();
        Change.Type type;
        Entry entry;
        switch (operation) {
            case Operation.Put put -> {
                type = put.expected() == 0 ? Change.Type.ADDED : Change.Type.MODIFIED;
                entry = entry(put.key(), revision, created, put.storedVersion(), put.body(), put.header());
            }
            case Operation.Remove remove -> {
                type = Change.Type.DELETED;
                entry = entry(
                        remove.key(), revision, created, remove.storedVersion(), remove.lastBody(), remove.header());
            }
        }
        return new Change(
                type,
                entry,
                operation.expected(),
                first,
                at,
                attribution.actor(),
                attribution.auditId(),
                attribution.cause());
    }

    private static Entry entry(
            StoreKey key, long revision, long created, String version, byte[] body, EntryHeader header) {
        return new Entry(key, revision, created, version, RevisionSlot.fill(body, revision), header);
    }
}
