package io.quarterdeck.api.operations.history;

import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Pages of the change log, the newest first. Each page continues below the last revision of the one before. */
interface ChangeHistory extends Repository<LoggedChange, Long> {

    String ROW = "select new io.quarterdeck.api.operations.history.HistoryRow(c.revision, c.at, c.type, s.group,"
            + " s.resource, c.key, c.uid, c.previousRevision, c.transactionRevision, c.actor, c.auditId, c.cause)"
            + " from LoggedChange c join LoggedStorage s on s.id = c.resourceId";

    /** Everything, by the primary key. */
    @Query(ROW + " where c.revision < :below order by c.revision desc")
    List<HistoryRow> recent(long below, Limit limit);

    /** One object, by the index of histories. */
    @Query(ROW + " where s.group = :group and s.resource = :resource and c.key = :key and c.revision < :below"
            + " order by c.revision desc")
    List<HistoryRow> ofObject(String group, String resource, String key, long below, Limit limit);

    Optional<LoggedChange> findByRevision(long revision);
}
