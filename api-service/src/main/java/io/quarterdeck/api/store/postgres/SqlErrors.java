package io.quarterdeck.api.store.postgres;

import io.quarterdeck.model.StatusException;
import java.sql.SQLException;
import java.util.List;

/** What PostgreSQL's error codes mean to the store. Source: PostgreSQL documentation, appendix A. */
final class SqlErrors {

    private SqlErrors() {}

    /** The connection is gone, so whatever was under way may have happened or not. */
    static boolean connectionLost(SQLException e) {
        String state = state(e);
        return state.startsWith("08") || state.startsWith("57P") || state.isEmpty();
    }

    /** The log has no partition for the next revisions. */
    static boolean noPartition(SQLException e) {
        return state(e).equals("23514");
    }

    /** Disk or memory of the server is full: nothing was stored, and nothing else will be. */
    static boolean noRoom(SQLException e) {
        return state(e).equals("53100") || state(e).equals("53200");
    }

    /** A server that only follows another one: the connection leads to the wrong place. */
    static boolean readOnly(SQLException e) {
        return state(e).equals("25006");
    }

    /** Deadlock, serialization failure, lock timeout: the same again may work. */
    static boolean passing(SQLException e) {
        String state = state(e);
        return state.startsWith("40") || state.equals("55P03") || state.equals("57014");
    }

    private static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    static StatusException unavailable() {
        return StatusException.unavailable("the database cannot be reached now");
    }

    static StatusException full() {
        return StatusException.unavailable("the database has no room left");
    }

    static StatusException outcomeUnknown() {
        return StatusException.timeout("Timeout: request did not complete within the allotted timeout", 1, List.of());
    }

    static StatusException notStorable() {
        return StatusException.internal("the database refused the object");
    }
}
