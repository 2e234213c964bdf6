package io.quarterdeck.api.operations.history;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** A row of {@code object_change}. */
@Entity
@Immutable
@Table(name = "object_change")
class LoggedChange {

    @Id
    private long revision;

    private Instant at = Instant.EPOCH;
    private short type;

    @Column(name = "resource_id")
    private int resourceId;

    private String key = "";
    private String uid = "";

    @Column(name = "previous_revision")
    private long previousRevision;

    @Column(name = "transaction_revision")
    private long transactionRevision;

    @Column(name = "stored_version")
    private String storedVersion = "";

    private byte[] body = {};
    private String actor = "";

    @Column(name = "audit_id")
    private @Nullable String auditId;

    private @Nullable String cause;

    protected LoggedChange() {}

    byte[] body() {
        return body;
    }

    long revision() {
        return revision;
    }
}
