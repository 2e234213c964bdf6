package io.quarterdeck.node.network;

import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodDNSConfigOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a pod finds in its hosts and resolv.conf. Pure. Source: "DNS for Services and Pods". */
public record PodFiles(List<String> clusterDns, String clusterDomain) {

    private static final int MAX_NAMESERVERS = 3;
    private static final int MAX_SEARCH = 32;

    public String hosts(Pod pod, List<String> addresses, String nodeHosts) {
        StringBuilder text = new StringBuilder();
        if (Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
            text.append("# Kubernetes-managed hosts file (host network).\n").append(nodeHosts);
        } else {
            text.append("""
                    # Kubernetes-managed hosts file.
                    127.0.0.1\tlocalhost
                    ::1\tlocalhost ip6-localhost ip6-loopback
                    fe00::0\tip6-localnet
                    fe00::0\tip6-mcastprefix
                    fe00::1\tip6-allnodes
                    fe00::2\tip6-allrouters
                    """);
            String hostname = hostname(pod);
            String domain = subdomain(pod);
            for (String address : addresses) {
                text.append(address).append('\t');
                if (!domain.isEmpty()) {
                    text.append(hostname).append('.').append(domain).append('\t');
                }
                text.append(hostname).append('\n');
            }
        }
        List<HostAlias> aliases = Objects.requireNonNullElse(pod.getSpec().getHostAliases(), List.of());
        if (!aliases.isEmpty()) {
            text.append("\n# Entries added by HostAliases.\n");
            for (HostAlias alias : aliases) {
                text.append(alias.getIp())
                        .append('\t')
                        .append(String.join("\t", alias.getHostnames()))
                        .append('\n');
            }
        }
        return text.toString();
    }

    /** The pod's name unless the pod asks for another, cut to what a host name may have. */
    public static String hostname(Pod pod) {
        String asked = pod.getSpec().getHostname();
        String name = asked == null || asked.isEmpty() ? pod.getMetadata().getName() : asked;
        if (name.length() <= 63) {
            return name;
        }
        return name.substring(0, 63).replaceAll("[-.]+$", "");
    }

    private String subdomain(Pod pod) {
        String subdomain = pod.getSpec().getSubdomain();
        return subdomain == null || subdomain.isEmpty()
                ? ""
                : "%s.%s.svc.%s".formatted(subdomain, pod.getMetadata().getNamespace(), clusterDomain);
    }

    public String resolvConf(Pod pod, String nodeResolvConf) {
        Settings node = Settings.parse(nodeResolvConf);
        String policy = Objects.requireNonNullElse(pod.getSpec().getDnsPolicy(), "ClusterFirst");
        boolean hostNetwork = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
        Settings settings = switch (policy) {
            case "None" -> new Settings(List.of(), List.of(), Map.of());
            case "ClusterFirstWithHostNet" -> cluster(pod, node);
            case "ClusterFirst" -> hostNetwork ? node : cluster(pod, node);
            default -> node;
        };
        PodDNSConfig own = pod.getSpec().getDnsConfig();
        return (own == null ? settings : settings.with(own)).text();
    }

    private Settings cluster(Pod pod, Settings node) {
        if (clusterDns.isEmpty()) {
            return node;
        }
        List<String> search = new ArrayList<>(List.of(
                pod.getMetadata().getNamespace() + ".svc." + clusterDomain, "svc." + clusterDomain, clusterDomain));
        search.addAll(node.search());
        return new Settings(clusterDns, search, Map.of("ndots", "5"));
    }

    private record Settings(List<String> nameservers, List<String> search, Map<String, String> options) {

        static Settings parse(String text) {
            List<String> nameservers = new ArrayList<>();
            List<String> search = new ArrayList<>();
            Map<String, String> options = new LinkedHashMap<>();
            for (String line : text.lines().toList()) {
                String[] words = line.strip().split("\\s+");
                if (words.length < 2) {
                    continue;
                }
                List<String> values = List.of(words).subList(1, words.length);
                switch (words[0]) {
                    case "nameserver" -> nameservers.add(values.getFirst());
                    case "search", "domain" -> {
                        // The last line wins; a single dot means the root and nothing to search.
                        search.clear();
                        values.stream().filter(value -> !".".equals(value)).forEach(search::add);
                    }
                    case "options" -> values.forEach(value -> addOption(options, value));
                    default -> {}
                }
            }
            return new Settings(nameservers, search, options);
        }

        private static void addOption(Map<String, String> options, String option) {
            int colon = option.indexOf(':');
            options.put(colon < 0 ? option : option.substring(0, colon), colon < 0 ? "" : option.substring(colon + 1));
        }

        Settings with(PodDNSConfig own) {
            Set<String> servers = new LinkedHashSet<>(nameservers);
            servers.addAll(Objects.requireNonNullElse(own.getNameservers(), List.of()));
            Set<String> domains = new LinkedHashSet<>(search);
            domains.addAll(Objects.requireNonNullElse(own.getSearches(), List.of()));
            Map<String, String> merged = new LinkedHashMap<>(options);
            for (PodDNSConfigOption option :
                    Objects.requireNonNullElse(own.getOptions(), List.<PodDNSConfigOption>of())) {
                merged.put(option.getName(), Objects.requireNonNullElse(option.getValue(), ""));
            }
            return new Settings(List.copyOf(servers), List.copyOf(domains), merged);
        }

        String text() {
            StringBuilder text = new StringBuilder();
            if (!search.isEmpty()) {
                text.append("search ")
                        .append(String.join(" ", search.subList(0, Math.min(MAX_SEARCH, search.size()))))
                        .append('\n');
            }
            nameservers.stream()
                    .limit(MAX_NAMESERVERS)
                    .forEach(server -> text.append("nameserver ").append(server).append('\n'));
            if (!options.isEmpty()) {
                text.append("options");
                options.forEach((name, value) -> {
                    text.append(' ').append(name);
                    if (!value.isEmpty()) {
                        text.append(':').append(value);
                    }
                });
                text.append('\n');
            }
            return text.toString();
        }
    }
}
