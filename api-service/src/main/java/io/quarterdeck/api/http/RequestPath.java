package io.quarterdeck.api.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a method and an undecoded path ask for. Pure.
 *
 * <p>Source: Kubernetes documentation, "API Overview"; upstream's RequestInfo resolution.
 *
 * @param verb the API's verb for resources, else the method in lower case
 * @param resource empty for paths outside the resource grammar
 * @param rest decoded segments behind the subresource (proxy paths)
 * @param legacyWatch whether the deprecated {@code /watch/} prefix was used
 */
public record RequestPath(
        String raw,
        String path,
        String verb,
        String group,
        String version,
        String namespace,
        String resource,
        String name,
        String subresource,
        List<String> rest,
        boolean legacyWatch) {

    /** The one resource that is part of the grammar of paths. */
    private static final String NAMESPACES = "namespaces";

    private static final Set<String> STREAMED_SUBRESOURCES = Set.of("attach", "exec", "log", "portforward", "proxy");
    private static final Set<String> NAMESPACE_SUBRESOURCES = Set.of("status", "finalize");

    /** Whether the subresource is answered by a stream of unknown length, as upstream's check of long requests has it. */
    boolean isStreamed() {
        return isResource() && STREAMED_SUBRESOURCES.contains(subresource);
    }

    public boolean isResource() {
        return !resource.isEmpty();
    }

    /** The namespace that access is judged in; that of a namespace is itself. */
    String judgedNamespace() {
        return group.isEmpty() && resource.equals(NAMESPACES) ? name : namespace;
    }

    /** The name that access is judged and recorded under: a list or watch of one name is a request on that name. */
    String judgedName(Query query) {
        return takesSelectors() && !verb.equals("deletecollection") ? ListOptions.selectedName(query) : name;
    }

    /** Whether selectors count when access is judged; upstream knows none of them below the deprecated prefix. */
    boolean takesSelectors() {
        return !legacyWatch && List.of("list", "watch", "deletecollection").contains(verb);
    }

    static RequestPath of(String method, String raw, Query query) {
        List<String> segments = new ArrayList<>();
        boolean doubled = raw.startsWith("//");
        for (String segment : raw.split("/")) {
            if (!segment.isEmpty()) {
                segments.add(decode(segment));
            }
        }
        boolean core = !segments.isEmpty() && segments.getFirst().equals("api");
        boolean grouped = !segments.isEmpty() && segments.getFirst().equals("apis");
        int start = core ? 2 : 3;
        if (doubled || (!core && !grouped) || segments.size() <= start) {
            return new RequestPath(raw, decode(raw), nonResourceVerb(method), "", "", "", "", "", "", List.of(), false);
        }
        String group = core ? "" : segments.get(1);
        String version = segments.get(start - 1);
        List<String> parts = segments.subList(start, segments.size());
        boolean legacyWatch = parts.size() > 1 && parts.getFirst().equals("watch");
        if (legacyWatch) {
            parts = parts.subList(1, parts.size());
        }
        String namespace = "";
        if (parts.getFirst().equals(NAMESPACES) && parts.size() > 1) {
            if (parts.size() > 2 && !NAMESPACE_SUBRESOURCES.contains(parts.get(2))) {
                namespace = parts.get(1);
                parts = parts.subList(2, parts.size());
            }
        }
        String name = parts.size() > 1 ? parts.get(1) : "";
        String subresource = parts.size() > 2 ? parts.get(2) : "";
        List<String> rest = parts.size() > 3 ? List.copyOf(parts.subList(3, parts.size())) : List.of();
        String verb = switch (method) {
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> name.isEmpty() ? "deletecollection" : "delete";
            case "GET", "HEAD" -> {
                if (legacyWatch || (name.isEmpty() && query.flag("watch"))) {
                    yield "watch";
                }
                yield name.isEmpty() ? "list" : "get";
            }
            default -> "";
        };
        return new RequestPath(
                raw,
                decode(raw),
                verb,
                group,
                version,
                namespace,
                parts.getFirst(),
                name,
                subresource,
                rest,
                legacyWatch);
    }

    private static String nonResourceVerb(String method) {
        return method.toLowerCase(Locale.ROOT);
    }

    /** Once, and a plus sign stays what it is. */
    private static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException badEscape) {
            return segment;
        }
    }
}
