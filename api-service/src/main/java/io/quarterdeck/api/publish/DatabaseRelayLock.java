package io.quarterdeck.api.publish;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An advisory lock of a database session of its own, so that it ends with the process. */
public final class DatabaseRelayLock implements RelayLock {

    private static final Logger log = LoggerFactory.getLogger(DatabaseRelayLock.class);
    private static final int VALIDATION_SECONDS = 2;

    private final Callable<Connection> connections;
    private @Nullable Connection session;

    public DatabaseRelayLock(Callable<Connection> connections) {
        this.connections = connections;
    }

    @Override
    public boolean tryAcquire() {
        if (held()) {
            return true;
        }
        Connection opened = null;
        try {
            opened = connections.call();
            opened.setAutoCommit(true);
            try (Statement statement = opened.createStatement();
                    ResultSet row =
                            statement.executeQuery("select pg_try_advisory_lock(hashtext('quarterdeck_publisher'))")) {
                row.next();
                if (row.getBoolean(1)) {
                    session = opened;
                    return true;
                }
            }
        } catch (Exception e) {
            log.debug("The publisher's lock cannot be asked for: {}", e.getMessage());
        }
        close(opened);
        return false;
    }

    @Override
    public boolean held() {
        try {
            if (session != null && session.isValid(VALIDATION_SECONDS)) {
                return true;
            }
        } catch (SQLException e) {
            log.debug("The publisher's lock is lost: {}", e.getMessage());
        }
        close();
        return false;
    }

    @Override
    public void close() {
        close(session);
        session = null;
    }

    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                log.debug("A connection was closed already: {}", e.getMessage());
            }
        }
    }
}
