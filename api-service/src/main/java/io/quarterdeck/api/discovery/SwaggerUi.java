package io.quarterdeck.api.discovery;

import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.PathHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * Swagger UI over the served OpenAPI v3, under {@code /swagger-ui/}. Its files are open to anybody and hold nothing; what
 * it shows and tries out it asks of the API with the token that its user enters.
 */
public final class SwaggerUi implements PathHandler {

    private static final String BASE = "/swagger-ui/";
    private static final String WEBJAR = "META-INF/resources/webjars/swagger-ui/";
    private static final Map<String, String> FILES = Map.of(
            "swagger-ui.css", "text/css; charset=utf-8",
            "swagger-ui-bundle.js", "text/javascript; charset=utf-8",
            "favicon-32x32.png", "image/png");

    private final String version;

    public SwaggerUi() {
        this.version = webjarVersion();
    }

    @Override
    public Set<String> paths() {
        return Set.of("/swagger-ui", BASE);
    }

    @Override
    public boolean open() {
        return true;
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        String path = exchange.path().path();
        if (path.equals("/swagger-ui")) {
            exchange.setHeader("Location", BASE);
            exchange.start(302, "");
            return;
        }
        // Nothing foreign may be loaded into a page that holds a token.
        exchange.setHeader(
                "Content-Security-Policy",
                "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'");
        exchange.setHeader("X-Content-Type-Options", "nosniff");
        String file = path.substring(BASE.length());
        switch (file) {
            case "", "index.html" -> send(exchange, own("index.html"), "text/html; charset=utf-8");
            case "start.js" -> send(exchange, own("start.js"), "text/javascript; charset=utf-8");
            default -> {
                String type = FILES.get(file);
                if (type == null) {
                    exchange.answerText(404, "404 page not found\n");
                } else {
                    send(exchange, WEBJAR + version + "/" + file, type);
                }
            }
        }
    }

    private static String own(String file) {
        return "io/quarterdeck/api/discovery/swagger-ui/" + file;
    }

    private static void send(Exchange exchange, String resource, String type) throws IOException {
        try (InputStream in = SwaggerUi.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                exchange.answerText(404, "404 page not found\n");
                return;
            }
            exchange.answer(200, type, in.readAllBytes());
        }
    }

    private static String webjarVersion() {
        Properties properties = new Properties();
        try (InputStream in = SwaggerUi.class
                .getClassLoader()
                .getResourceAsStream("META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "");
    }
}
