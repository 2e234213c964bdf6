package io.quarterdeck.api.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.IntPredicate;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hears when another process commits. A lost connection costs nothing but time: followers also look by themselves. */
final class ChangeListener implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(ChangeListener.class);
    private static final int WAIT_MILLIS = 1_000;

    private final ConnectionSource connections;
    private final IntPredicate own;
    private final Runnable wakeUp;
    private volatile boolean closed;

    /** @param own whether a backend commits for this process, which knows of it already */
    ChangeListener(ConnectionSource connections, IntPredicate own, Runnable wakeUp) {
        this.connections = connections;
        this.own = own;
        this.wakeUp = wakeUp;
    }

    @Override
    public void run() {
        boolean told = false;
        while (!closed) {
            try (Connection connection = connections.open();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(true);
                statement.execute("listen quarterdeck_store");
                wakeUp.run();
                told = false;
                listen(connection.unwrap(PGConnection.class));
            } catch (SQLException e) {
                if (!closed && !told) {
                    log.warn("Not listening to the database now: {}", e.getMessage());
                    told = true;
                }
                try {
                    Thread.sleep(WAIT_MILLIS);
                } catch (InterruptedException stopped) {
                    return;
                }
            }
        }
    }

    private void listen(PGConnection connection) throws SQLException {
        while (!closed) {
            PGNotification[] heard = connection.getNotifications(WAIT_MILLIS);
            if (heard != null) {
                for (PGNotification notification : heard) {
                    if (!own.test(notification.getPID())) {
                        wakeUp.run();
                        break;
                    }
                }
            }
        }
    }

    void close() {
        closed = true;
    }
}
