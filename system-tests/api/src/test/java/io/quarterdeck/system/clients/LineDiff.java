package io.quarterdeck.system.clients;

import java.util.ArrayList;
import java.util.List;

/** The lines in which two texts differ, as {@code diff} shows them: {@code -} expected, {@code +} seen. */
final class LineDiff {
    private LineDiff() {}

    static List<String> of(List<String> expected, List<String> seen) {
        int[][] common = new int[expected.size() + 1][seen.size() + 1];
        for (int i = expected.size() - 1; i >= 0; i--) {
            for (int j = seen.size() - 1; j >= 0; j--) {
                common[i][j] = expected.get(i).equals(seen.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        List<String> lines = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < expected.size() || j < seen.size()) {
            if (i < expected.size() && j < seen.size() && expected.get(i).equals(seen.get(j))) {
                i++;
                j++;
            } else if (j == seen.size() || i < expected.size() && common[i + 1][j] >= common[i][j + 1]) {
                lines.add("- " + expected.get(i++));
            } else {
                lines.add("+ " + seen.get(j++));
            }
        }
        return lines;
    }
}
