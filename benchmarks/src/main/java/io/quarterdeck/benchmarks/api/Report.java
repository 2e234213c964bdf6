package io.quarterdeck.benchmarks.api;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps figures, prints each as a line of JSON at once, and all as a table at the end. Thread-safe. */
final class Report {

    private final PrintStream lines;
    private final Yardsticks yardsticks;
    private final List<String> servers;
    private final Map<Key, Map<String, List<Double>>> figures = new LinkedHashMap<>();
    private double highestLoad;
    private int run;

    private record Key(String scenario, String figure) {}

    Report(PrintStream lines, Yardsticks yardsticks, List<String> servers) {
        this.lines = lines;
        this.yardsticks = yardsticks;
        this.servers = servers;
    }

    synchronized void begin(int number) {
        run = number;
    }

    /** @param namesAndFigures names and numbers in turn */
    synchronized void add(String scenario, String server, Object... namesAndFigures) {
        double load = ProcessTree.loadAverage();
        highestLoad = Math.max(highestLoad, load);
        StringBuilder line = new StringBuilder("{\"scenario\":\"" + scenario + "\",\"server\":\"" + server
                + "\",\"run\":" + run + ",\"load\":" + number(load));
        for (int i = 0; i < namesAndFigures.length; i += 2) {
            String name = namesAndFigures[i].toString();
            double value = ((Number) namesAndFigures[i + 1]).doubleValue();
            line.append(",\"").append(name).append("\":").append(number(value));
            figures.computeIfAbsent(new Key(scenario, name), first -> new LinkedHashMap<>())
                    .computeIfAbsent(server, first -> new ArrayList<>())
                    .add(value);
        }
        lines.println(line.append(yardsticks.json()).append('}'));
        lines.flush();
    }

    private static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "null";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, Math.abs(value) < 0.01 ? "%.6f" : "%.3f", value);
    }

    /** Medians, the spread of the runs, and the ratio of the first server's median to each other's. */
    synchronized void table(PrintStream out) {
        out.printf(Locale.ROOT, "%nMedians (least..greatest) of the runs; highest load average %.1f%n", highestLoad);
        StringBuilder head = new StringBuilder("%-12s %-26s".formatted("scenario", "figure"));
        for (String server : servers) {
            head.append(" %30s".formatted(server));
        }
        servers.stream().skip(1).forEach(other -> head.append(" %12s".formatted("to " + other)));
        out.println(head);
        figures.forEach((key, values) -> {
            StringBuilder row = new StringBuilder("%-12s %-26s".formatted(key.scenario, key.figure));
            for (String server : servers) {
                double[] all = sorted(values.get(server));
                row.append(" %30s"
                        .formatted(
                                all.length == 0
                                        ? "-"
                                        : readable(median(all)) + " (" + readable(all[0]) + ".."
                                                + readable(all[all.length - 1]) + ")"));
            }
            double own = median(sorted(values.get(servers.getFirst())));
            servers.stream()
                    .skip(1)
                    .forEach(other -> row.append(" %12s".formatted(ratio(own, median(sorted(values.get(other)))))));
            out.println(row);
        });
    }

    private static double[] sorted(@Nullable List<Double> values) {
        double[] all = values == null
                ? new double[0]
                : values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(all);
        return all;
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length == 0
                ? Double.NaN
                : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static String ratio(double own, double other) {
        return Double.isNaN(own) || Double.isNaN(other) || other == 0
                ? "-"
                : String.format(Locale.ROOT, "%.2f x", own / other);
    }

    private static String readable(double value) {
        double size = Math.abs(value);
        return size >= 100
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, size >= 1 ? "%.2f" : "%.4f", value);
    }
}
