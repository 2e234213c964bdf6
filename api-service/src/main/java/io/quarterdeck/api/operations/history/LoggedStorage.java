package io.quarterdeck.api.operations.history;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** A row of {@code resource}: the number that the change log uses for a storage. */
@Entity
@Immutable
@Table(name = "resource")
class LoggedStorage {

    @Id
    private int id;

    @Column(name = "storage_group")
    private String group = "";

    @Column(name = "storage_resource")
    private String resource = "";

    protected LoggedStorage() {}

    int id() {
        return id;
    }
}
