package io.quarterdeck.api.store.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Opens a connection of one's own, outside of any pool. */
@FunctionalInterface
public interface ConnectionSource {

    Connection open() throws SQLException;

    /** Connections that give up on a database that cannot be reached, and notice one that vanished. */
    static ConnectionSource of(String url, String username, String password, String applicationName) {
        Properties properties = new Properties();
        properties.setProperty("user", username);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", applicationName);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("loginTimeout", "10");
        properties.setProperty("tcpKeepAlive", "true");
        return () -> DriverManager.getConnection(url, properties);
    }
}
