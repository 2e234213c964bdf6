package io.quarterdeck.api.authn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of service-account tokens as their files are now: changed files are taken over within seconds, unreadable ones
 * leave the former keys in force. The former signing key goes on verifying until the files name it no more. Thread-safe.
 */
final class ServiceAccountKeyFiles implements Supplier<ServiceAccountKeys> {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceAccountKeyFiles.class);
    private static final Duration CHECK_EVERY = Duration.ofSeconds(5);

    private final Path signing;
    private final List<Path> verifying;
    private final InstantSource clock;
    private volatile State state;

    private record State(ServiceAccountKeys keys, List<FileTime> modified, Instant checked) {}

    /** @param verifying public keys, several in a file as need be; files that are not there hold none */
    ServiceAccountKeyFiles(Path signing, List<Path> verifying, InstantSource clock) {
        this.signing = signing;
        this.verifying = List.copyOf(verifying);
        this.clock = clock;
        this.state = new State(read(), modified(), clock.instant());
    }

    private ServiceAccountKeys read() {
        return ServiceAccountKeys.read(
                signing, verifying.stream().filter(Files::exists).toList());
    }

    private List<FileTime> modified() {
        List<FileTime> times = new ArrayList<>();
        times.add(modified(signing));
        verifying.forEach(file -> times.add(modified(file)));
        return times;
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException absent) {
            return FileTime.fromMillis(0);
        }
    }

    @Override
    public ServiceAccountKeys get() {
        State seen = state;
        Instant now = clock.instant();
        if (seen.checked().plus(CHECK_EVERY).isAfter(now)) {
            return seen.keys();
        }
        List<FileTime> modified = modified();
        State next = new State(seen.keys(), modified, now);
        if (!modified.equals(seen.modified())) {
            try {
                next = new State(read(), modified, now);
                LOG.info("The keys of service-account tokens were read anew");
            } catch (RuntimeException unreadable) {
                LOG.warn("The keys of service-account tokens changed and cannot be read; the former stay in force");
            }
        }
        state = next;
        return next.keys();
    }
}
