package io.quarterdeck.standalone.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.Command;

/** Prints versions. */
@Command(name = "version", description = "print the versions of Quarterdeck, of the Kubernetes API and of Java")
final class VersionCommand implements Runnable {
    @Override
    public void run() {
        Properties build = build();
        System.out.println("Quarterdeck " + build.getProperty("version"));
        System.out.println("Kubernetes API v" + build.getProperty("kubernetes"));
        System.out.println("Java " + Runtime.version());
    }

    static Properties build() {
        var properties = new Properties();
        try (var in = VersionCommand.class.getResourceAsStream("/quarterdeck-build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the version", e);
        }
        return properties;
    }
}
