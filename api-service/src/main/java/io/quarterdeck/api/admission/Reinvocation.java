package io.quarterdeck.api.admission;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Who has to look again because somebody behind him changed the object. The chain runs twice at most. Used by one request.
 *
 * <p>Source: Kubernetes documentation, "Dynamic Admission Control": reinvocation policy.
 */
public final class Reinvocation {

    /** What one plugin remembers of the first round. */
    private static final class Memory {
        private final Set<String> invoked = new HashSet<>();
        private final Set<String> again = new HashSet<>();
        private @Nullable JsonNode output;
    }

    private final Map<String, Memory> memories = new HashMap<>();
    private boolean second;
    private boolean needed;

    /** Whether the chain runs for the second time. */
    public boolean isSecond() {
        return second;
    }

    boolean isNeeded() {
        return needed;
    }

    void startSecond() {
        second = true;
    }

    private Memory memory(String plugin) {
        return memories.computeIfAbsent(plugin, name -> new Memory());
    }

    /** To be told when a plugin starts: in the second round, others may have changed the object meanwhile. */
    public void started(String plugin, @Nullable JsonNode object) {
        Memory memory = memory(plugin);
        if (second && object != null && !object.equals(memory.output)) {
            memory.again.addAll(memory.invoked);
        }
    }

    /** Whether {@code hook} is to be called now. */
    public boolean calls(String plugin, String hook) {
        return !second || memory(plugin).again.contains(hook);
    }

    /** @param ifNeeded whether the hook wants to be called again when a later one changes the object */
    public void called(String plugin, String hook, boolean changed, boolean ifNeeded) {
        Memory memory = memory(plugin);
        if (changed) {
            memory.again.addAll(memory.invoked);
            needed = true;
        }
        if (ifNeeded) {
            memory.invoked.add(hook);
        }
    }

    public void finished(String plugin, @Nullable JsonNode object) {
        memory(plugin).output = object == null ? null : object.deepCopy();
    }
}
