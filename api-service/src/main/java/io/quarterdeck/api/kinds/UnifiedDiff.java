package io.quarterdeck.api.kinds;

import java.util.ArrayList;
import java.util.List;

/** The difference of two texts in unified form, three lines of context, without file names. */
final class UnifiedDiff {

    private static final int CONTEXT = 3;

    private record Line(char mark, String text, int oldNumber, int newNumber) {}

    private UnifiedDiff() {}

    static String of(List<String> old, List<String> next) {
        List<Line> lines = lines(old, next);
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < lines.size()) {
            if (lines.get(at).mark() == ' ') {
                at++;
                continue;
            }
            int from = Math.max(0, at - CONTEXT);
            int last = at;
            for (int i = at; i < lines.size() && i - last <= 2 * CONTEXT; i++) {
                if (lines.get(i).mark() != ' ') {
                    last = i;
                }
            }
            int to = Math.min(lines.size(), last + CONTEXT + 1);
            hunk(lines.subList(from, to), out);
            at = to;
        }
        return out.toString();
    }

    private static void hunk(List<Line> lines, StringBuilder out) {
        long oldCount = lines.stream().filter(line -> line.mark() != '+').count();
        long newCount = lines.stream().filter(line -> line.mark() != '-').count();
        out.append("@@ -%s +%s @@\n"
                .formatted(
                        range(lines.getFirst().oldNumber(), oldCount),
                        range(lines.getFirst().newNumber(), newCount)));
        lines.forEach(line -> out.append(line.mark()).append(line.text()).append('\n'));
    }

    private static String range(int start, long count) {
        return count == 1 ? "" + start : (count == 0 ? start - 1 : start) + "," + count;
    }

    /** The longest common subsequence, after the common head and tail. */
    private static List<Line> lines(List<String> old, List<String> next) {
        int head = 0;
        while (head < old.size() && head < next.size() && old.get(head).equals(next.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < old.size() - head
                && tail < next.size() - head
                && old.get(old.size() - 1 - tail).equals(next.get(next.size() - 1 - tail))) {
            tail++;
        }
        int rows = old.size() - head - tail;
        int columns = next.size() - head - tail;
        int[][] common = new int[rows + 1][columns + 1];
        for (int i = rows - 1; i >= 0; i--) {
            for (int j = columns - 1; j >= 0; j--) {
                common[i][j] = old.get(head + i).equals(next.get(head + j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < head; i++) {
            lines.add(new Line(' ', old.get(i), i + 1, i + 1));
        }
        int i = 0;
        int j = 0;
        while (i < rows || j < columns) {
            int oldNumber = head + i + 1;
            int newNumber = head + j + 1;
            if (i < rows && j < columns && old.get(head + i).equals(next.get(head + j))) {
                lines.add(new Line(' ', old.get(head + i++), oldNumber, newNumber));
                j++;
            } else if (i < rows && (j == columns || common[i + 1][j] >= common[i][j + 1])) {
                lines.add(new Line('-', old.get(head + i++), oldNumber, newNumber));
            } else {
                lines.add(new Line('+', next.get(head + j++), oldNumber, newNumber));
            }
        }
        for (int k = old.size() - tail; k < old.size(); k++) {
            lines.add(new Line(' ', old.get(k), k + 1, k + 1 - old.size() + next.size()));
        }
        return lines;
    }
}
