package io.quarterdeck.api.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.IntPredicate;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears when another process commits. A lost connection costs nothing but time: followers also look by themselves.
 *
 * <p>Listeners greet each other, so that a process that is alone need not wake anybody: a notification makes a commit take
 * a lock of the whole database and costs a switch to each listener.
 */
final class ChangeListener implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(ChangeListener.class);
    private static final int WAIT_MILLIS = 1_000;
    private static final PGNotification[] NONE = {};
    private static final String GREETING = "here";
    private static final String ANSWER = "here too";

    private final ConnectionSource connections;
    private final IntPredicate own;
    private final Runnable wakeUp;
    private volatile boolean heardOthers;
    private volatile boolean closed;

    /** @param own whether a backend commits for this process, which knows of it already */
    ChangeListener(ConnectionSource connections, IntPredicate own, Runnable wakeUp) {
        this.connections = connections;
        this.own = own;
        this.wakeUp = wakeUp;
    }

    /** Whether another process was ever heard, so that commits have to be told. */
    boolean hasHeardOthers() {
        return heardOthers;
    }

    @Override
    public void run() {
        boolean told = false;
        while (!closed) {
            try (Connection connection = connections.open();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(true);
                statement.execute("listen quarterdeck_store");
                statement.execute("notify quarterdeck_store, '" + GREETING + "'");
                wakeUp.run();
                told = false;
                listen(connection.unwrap(PGConnection.class), statement);
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

    private void listen(PGConnection connection, Statement statement) throws SQLException {
        while (!closed) {
            PGNotification[] heard = connection.getNotifications(WAIT_MILLIS);
            boolean foreign = false;
            boolean greeted = false;
            for (PGNotification notification : heard == null ? NONE : heard) {
                if (notification.getPID() != connection.getBackendPID() && !own.test(notification.getPID())) {
                    foreign = true;
                    greeted |= GREETING.equals(notification.getParameter());
                }
            }
            heardOthers |= foreign;
            if (greeted) {
                statement.execute("notify quarterdeck_store, '" + ANSWER + "'");
            }
            if (foreign) {
                wakeUp.run();
            }
        }
    }

    void close() {
        closed = true;
    }
}
