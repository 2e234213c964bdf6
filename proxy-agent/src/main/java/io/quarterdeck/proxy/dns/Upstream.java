package io.quarterdeck.proxy.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Message;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SimpleResolver;

/** The name servers of the machine, asked in their order for whatever is not of the cluster. Thread-safe. */
final class Upstream {

    private static final Logger log = LoggerFactory.getLogger(Upstream.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final List<Resolver> resolvers;

    private Upstream(List<Resolver> resolvers) {
        this.resolvers = List.copyOf(resolvers);
    }

    /** @param own our own address, which must not be asked: a question would go round for ever */
    static Upstream fromResolvConf(Path file, InetAddress own) {
        List<Resolver> resolvers = new ArrayList<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException absent) {
            log.warn("{} cannot be read: only names of the cluster are answered", file);
            return new Upstream(List.of());
        }
        for (String line : lines) {
            String[] words = line.trim().split("\\s+");
            if (words.length < 2 || !words[0].equals("nameserver") || words[1].equals(own.getHostAddress())) {
                continue;
            }
            try {
                SimpleResolver resolver = new SimpleResolver(InetAddress.ofLiteral(words[1]));
                resolver.setTimeout(PATIENCE);
                resolvers.add(resolver);
            } catch (IllegalArgumentException notAnAddress) {
                log.warn("{} names {}, which is not an address", file, words[1]);
            }
        }
        return new Upstream(resolvers);
    }

    static Upstream of(List<Resolver> resolvers) {
        return new Upstream(resolvers);
    }

    /** The first answer; empty when no name server gave one. */
    Optional<Message> ask(Message question) {
        for (Resolver resolver : resolvers) {
            try {
                return Optional.of(resolver.send(question));
            } catch (IOException silent) {
                log.debug("no answer from {}: {}", resolver, silent.getMessage());
            }
        }
        return Optional.empty();
    }
}
