package io.quarterdeck.api.authn;

import io.quarterdeck.pki.CertificateFiles;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Static tokens of a file, lines of {@code token,user,uid,"group1,group2"}. Tokens are kept and compared as digests, so
 * that neither memory nor timing shows them. Immutable.
 *
 * <p>Source: Kubernetes documentation, "Static token file integration".
 */
final class TokenFile implements TokenVerifier {

    private final Map<ByteBuffer, User> users;

    private TokenFile(Map<ByteBuffer, User> users) {
        this.users = Map.copyOf(users);
    }

    static TokenFile read(Path file) {
        return parse(CertificateFiles.read(file), file.toString());
    }

    /** @throws IllegalArgumentException for a line of fewer than three columns or an empty token; never quotes it */
    static TokenFile parse(String text, String name) {
        Map<ByteBuffer, User> users = new HashMap<>();
        int number = 0;
        for (String line : text.split("\\R")) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            List<String> columns = columns(line);
            if (columns.size() < 3 || columns.getFirst().isEmpty()) {
                throw new IllegalArgumentException(
                        name + " line " + number + " must have at least 3 columns (token, user name, user uid)");
            }
            List<String> groups = columns.size() < 4 || columns.get(3).isEmpty()
                    ? List.of()
                    : List.of(columns.get(3).split(","));
            users.put(
                    digest(columns.getFirst()),
                    new User(
                            columns.get(1),
                            columns.get(2),
                            groups.stream().map(String::strip).toList(),
                            Map.of()));
        }
        return new TokenFile(users);
    }

    /** Static tokens name no audience: they are the API's own. */
    @Override
    public Optional<Verified> judge(String token, List<String> audiences) {
        return userOf(token).map(user -> new Verified(user, audiences));
    }

    private Optional<User> userOf(String token) {
        return Optional.ofNullable(users.get(digest(token)));
    }

    /** One line of CSV: quoted columns may hold commas, doubled quotes stand for one. */
    private static List<String> columns(String line) {
        List<String> columns = new ArrayList<>();
        StringBuilder column = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quoted && c == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                column.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                columns.add(column.toString().strip());
                column.setLength(0);
            } else {
                column.append(c);
            }
        }
        columns.add(column.toString().strip());
        return columns;
    }

    private static ByteBuffer digest(String token) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every Java runtime", impossible);
        }
    }
}
